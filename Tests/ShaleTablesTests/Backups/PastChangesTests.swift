import ShaleEngine
import ShaleItems
import ShalePlatform
import Synchronization
import Testing

@testable import ShaleTables

/// What was written to a table between two times, against a list of what was done.
@Suite struct PastChangesTests {
    private static let options: DatabaseOptions = {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        return options
    }()

    /// A write that changed something.
    private struct Done {
        var milliseconds: Int64
        var key: Item
        var before: Item?
        var after: Item?
    }

    /// Writes drawn from a seed, and a list of them.
    private struct Work {
        var state: UInt64
        var items: [Item: Item] = [:]
        var done: [Done] = []

        mutating func draw(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }

        mutating func write(_ count: Int, to database: Database, _ time: SteppedTime) async throws {
            for _ in 0..<count {
                let title = "\(draw(40))"
                let key = Songs.key("Nina", title)
                let new = draw(3) == 0 ? nil : Songs.song("Nina", title, plays: Int(draw(3)))
                if let new {
                    try await database.put(new)
                } else {
                    let request = DeleteItemRequest(tableName: "Songs", key: key)
                    _ = try await database.deleteItem(request)
                }
                let now = time.wallMilliseconds
                if items[key] != new {
                    done.append(Done(milliseconds: now, key: key, before: items[key], after: new))
                }
                items[key] = new
            }
        }
    }

    private static func read(
        _ database: Database,
        from first: Int64,
        to end: Int64?
    ) async throws -> [PastChange] {
        let changes = try await database.findPastChanges(of: "Songs", from: first, to: end)
        let all = Mutex<[PastChange]>([])
        try await database.readPastChanges(changes) { page in all.withLock { $0 += page } }
        return all.withLock { $0 }
    }

    /// What the changes of a span are, by their keys.
    private static func expected(_ done: [Done], _ span: Range<Int64>) -> [Item: Done] {
        var expected: [Item: Done] = [:]
        for write in done where span.contains(write.milliseconds) {
            var sum = write
            sum.before = (expected[write.key] ?? write).before
            expected[write.key] = sum
        }
        return expected.filter { $0.value.before != nil || $0.value.after != nil }
    }

    private static func expect(_ changes: [PastChange], are wanted: [Item: Done]) throws {
        #expect(Set(changes.map(\.keys)) == Set(wanted.keys) && changes.count == wanted.count)
        for change in changes {
            let done = try #require(wanted[change.keys])
            #expect(try change.old.map { try ItemDecoder.decode($0) } == done.before)
            #expect(try change.new.map { try ItemDecoder.decode($0) } == done.after)
            #expect(change.milliseconds == done.milliseconds)
        }
    }

    @Test(arguments: 0..<4)
    func `the changes of every span are what was done in it`(seed: Int) async throws {
        try await withSteppedWorld { world, time in
            var database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            var work = Work(state: UInt64(seed + 1))
            try await work.write(50, to: database, time)
            time.advance(seconds: 1)
            _ = try await database.updateContinuousBackups("Songs", recoveryDays: 1)
            time.advance(seconds: 1)
            var moments = [time.wallMilliseconds]
            for round in 0..<6 {
                try await work.write(15, to: database, time)
                time.advance(seconds: 2)
                moments.append(time.wallMilliseconds)
                if round == 1 { try await database.makeRestorePoint() }
                if round == 3 {
                    try await database.close()
                    database = try await Database.open("db", Self.options, in: world)
                }
            }
            let tables = database.engine.tables.count
            for (place, first) in moments.enumerated() {
                for end in moments[(place + 1)...] {
                    let changes = try await Self.read(database, from: first, to: end)
                    try Self.expect(changes, are: Self.expected(work.done, first..<end))
                }
                let newest = try await Self.read(database, from: first, to: nil)
                try Self.expect(newest, are: Self.expected(work.done, first..<(.max)))
            }
            #expect(database.engine.tables.count == tables)
            try await database.close()
        }
    }

    @Test func `a time that is not kept, or not yet there, is refused`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options, in: world)
            _ = try await database.createTable(Songs.request)
            let before = time.wallMilliseconds
            func code(_ first: Int64, _ end: Int64?) async -> DatabaseError.Code? {
                await failure {
                    _ = try await database.findPastChanges(of: "Songs", from: first, to: end)
                }?.code
            }
            #expect(await code(before, nil) == .pointInTimeRecoveryUnavailable)
            time.advance(seconds: 5)
            _ = try await database.updateContinuousBackups("Songs", recoveryDays: 1)
            time.advance(seconds: 5)
            let now = time.wallMilliseconds
            #expect(await code(before, nil) == .invalidRestoreTime)
            #expect(await code(now + 1, nil) == .invalidRestoreTime)
            #expect(await code(now - 2, now + 2) == .invalidRestoreTime)
            #expect(await code(now, now) == .invalidRestoreTime)
            let gone = await failure {
                _ = try await database.findPastChanges(of: "None", from: now, to: nil)
            }
            #expect(gone?.code == .tableNotFound)
            #expect(await code(now - 2, nil) == nil)
            database.leavePastChanges()
            try await database.close()
        }
    }
}
