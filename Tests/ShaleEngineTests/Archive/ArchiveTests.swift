import ShalePlatform
import Simulation
import Synchronization
import Testing

@testable import ShaleEngine

/// The past is kept: what the log lets go of can be read again, in its order, and nothing of it is missing.
struct ArchiveTests {
    private static var options: EngineOptions {
        var options = EngineOptions()
        options.memoryBudgetBytes = 256 * 1024
        options.logCapBytes = 512 * 1024
        options.firstSegmentBytes = 32 * 1024
        options.scrubPercentPerHour = 0
        return options
    }

    private func open(_ simulation: SimulatedWorld, _ events: EventList? = nil) throws -> Engine {
        let world = simulation.world
        var options = Self.options
        options.onEvent = events?.add
        let chosen = options
        return try simulation.runTask { try await Engine.open("db", chosen, in: world) }
    }

    private func write(
        _ engine: Engine,
        _ table: EngineTable,
        _ range: Range<Int>
    ) async throws {
        for number in range {
            var batch = WriteBatch()
            let key = table.key(partition: [UInt8(number % 7)], sort: [UInt8(number / 7 % 11)])
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 600)
            if number % 5 == 4 {
                batch.delete(table.id, key)
            } else {
                batch.put(table.id, key, value + Array("\(number)".utf8))
            }
            try await engine.write(batch)
        }
    }

    private func history(
        _ engine: Engine,
        _ table: EngineTable,
        _ start: LogPosition
    ) async throws
        -> [LogHistory.Change]
    {
        var history = try await engine.history(of: table.id, since: start, through: .max)
        var all: [LogHistory.Change] = []
        while let changes = try await history.next() { all += changes }
        return all
    }

    private func expect(
        _ changes: [LogHistory.Change],
        are range: Range<Int>,
        of table: EngineTable
    ) {
        #expect(changes.count == range.count)
        for (change, number) in zip(changes, range) {
            let key = table.key(partition: [UInt8(number % 7)], sort: [UInt8(number / 7 % 11)])
            #expect(change.key == key.bytes)
            let text = change.value.map { Array($0.dropFirst(600)) }
            #expect(text == (number % 5 == 4 ? nil : Array("\(number)".utf8)))
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `all writes since a checkpoint are read again, across closings and crashes`(
        seed: UInt64
    ) throws {
        let simulation = SimulatedWorld(seed: seed)
        var engine = try open(simulation)
        let table = try simulation.runTask { [engine] in try await engine.createTable() }
        try simulation.runTask { [engine] in
            try await write(engine, table, 0..<40)
            try await engine.beginArchiving()
        }
        let start = try simulation.runTask { [engine] in
            try await engine.checkpoint(to: "copy", of: [table.id])
        }
        var count = 40
        for round in 0..<6 {
            let next = count + 300
            let range = count..<next
            try simulation.runTask { [engine] in try await write(engine, table, range) }
            count = next
            if round % 2 == 0 {
                try simulation.runTask { [engine] in try await engine.close() }
                simulation.crash(leftovers: .runIntoErrors)
            } else {
                simulation.crash(
                    round == 1 ? .dropUnsynced : .keepUnsynced,
                    leftovers: .runIntoErrors
                )
            }
            engine = try open(simulation)
            #expect(engine.isArchiving)
            let all = try simulation.runTask { [engine] in
                try await history(engine, table, start.position)
            }
            expect(all, are: 40..<count, of: table)
        }
        let archived = try simulation.world.files.list("db/archive")
        #expect(archived.count > 10)
        #expect(try Verification.archiveProblems(in: "db", simulation.world).isEmpty)
        try simulation.runTask { [engine] in
            try await engine.endArchiving()
            try await engine.close()
        }
        #expect(try simulation.world.files.kind(of: "db/archive") == nil)
    }

    @Test func `what is trimmed is the oldest, and who needs it is told`() throws {
        let simulation = SimulatedWorld(seed: 5)
        let engine = try open(simulation)
        try simulation.runTask {
            let table = try await engine.createTable()
            try await engine.beginArchiving()
            let first = try await engine.checkpoint(to: "first", of: [table.id])
            try await write(engine, table, 0..<800)
            try await engine.flushWritten()
            let second = try await engine.checkpoint(to: "second", of: [table.id])
            try await write(engine, table, 800..<1600)
            try await engine.flushWritten()
            let before = try simulation.world.files.list("db/archive").count
            try await engine.trimArchive(before: second.position)
            #expect(try simulation.world.files.list("db/archive").count < before)
            expect(try await history(engine, table, second.position), are: 800..<1600, of: table)
            await #expect(throws: EngineError.self) {
                _ = try await history(engine, table, first.position)
            }
            try await engine.close()
        }
    }

    @Test func `log that cannot be archived stays, is told of, and is archived later`() throws {
        let simulation = SimulatedWorld(seed: 7)
        let events = EventList()
        let engine = try open(simulation, events)
        let table = try simulation.runTask { try await engine.createTable() }
        let start = try simulation.runTask {
            try await engine.beginArchiving()
            return try await engine.checkpoint(to: "copy", of: [table.id])
        }
        simulation.disk.inject(
            DiskFault(.syncDirectory, path: "archive", nth: 1, effect: .fail(.inputOutput))
        )
        try simulation.runTask {
            try await write(engine, table, 0..<600)
            try await engine.flushWritten()
        }
        #expect(events.all.contains { if case .archiveFailed = $0 { true } else { false } })
        try simulation.scheduler.run(for: .seconds(5))
        #expect(events.all.contains { if case .archiveWorks = $0 { true } else { false } })
        #expect(engine.archiveFailedMilliseconds == nil)
        let all = try simulation.runTask { try await history(engine, table, start.position) }
        expect(all, are: 0..<600, of: table)
        try simulation.runTask { try await engine.close() }
    }

    /// A process that dies between the write of its seal and the sync leaves one that only the kernel has.
    ///
    /// The next segment says that it follows the seal, so the seal must be on the disk before that.
    @Test(arguments: 1..<40)
    func `a process may be killed at any moment of its closing, and then the power fails`(
        cut: Int
    ) throws {
        let simulation = SimulatedWorld(seed: 11)
        let first = try open(simulation)
        let table = try simulation.runTask { try await first.createTable() }
        let start = try simulation.runTask {
            try await first.beginArchiving()
            let start = try await first.checkpoint(to: "copy", of: [table.id])
            try await write(first, table, 0..<30)
            return start
        }
        simulation.disk.cutPower(afterOperations: cut)
        // Cut off somewhere, or through before that.
        _ = try? simulation.runTask { try await first.close() }
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let second = try open(simulation)
        try simulation.runTask {
            try await write(second, table, 30..<60)
            try await second.flushWritten()
        }
        try simulation.scheduler.run(for: .seconds(5))
        simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        let third = try open(simulation)
        let all = try simulation.runTask { try await history(third, table, start.position) }
        expect(all, are: 0..<60, of: table)
        #expect(try Verification.archiveProblems(in: "db", simulation.world).isEmpty)
        try simulation.runTask { try await third.close() }
    }

    @Test func `log whose name in the archive is not synced is not let go of`() throws {
        let simulation = SimulatedWorld(seed: 13)
        let first = try open(simulation)
        let table = try simulation.runTask { try await first.createTable() }
        let start = try simulation.runTask {
            try await first.beginArchiving()
            let start = try await first.checkpoint(to: "copy", of: [table.id])
            for nth in 1...40 {
                simulation.disk.inject(
                    DiskFault(
                        .syncDirectory,
                        path: "archive",
                        nth: nth,
                        effect: .fail(.inputOutput)
                    )
                )
            }
            try await write(first, table, 0..<200)
            try await first.flushWritten()
            return start
        }
        simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        simulation.disk.removeFaults()
        let second = try open(simulation)
        let all = try simulation.runTask { try await history(second, table, start.position) }
        expect(all, are: 0..<200, of: table)
        try simulation.runTask { try await second.close() }
    }

    @Test func `a checkpoint of one table holds no other`() throws {
        let simulation = SimulatedWorld(seed: 9)
        let engine = try open(simulation)
        let (one, other) = try simulation.runTask {
            let one = try await engine.createTable()
            let other = try await engine.createTable()
            try await write(engine, one, 0..<50)
            try await write(engine, other, 0..<400)
            try await engine.flushWritten()
            try await write(engine, one, 50..<60)
            try await write(engine, other, 400..<410)
            try await engine.checkpoint(to: "copy", of: [one.id])
            return (one, other)
        }
        let world = simulation.world
        let copy = try simulation.runTask {
            try await Engine.open("copy", Self.options, access: .readOnly, in: world)
        }
        #expect(copy.tables == [one])
        #expect(copy.table(other.id) == nil)
        let contents = try simulation.runTask {
            try await copy.read { view throws(EngineError) in
                var count = 0
                try view.scan(one.id, .all) { _, _ in
                    count += 1
                    return .continue
                }
                return count
            }
        }
        #expect(contents == (0..<60).filter { $0 % 5 != 4 }.count)
        try simulation.runTask {
            try await copy.close()
            try await engine.close()
        }
        #expect(try Verification.run("copy", in: world).isWhole)
    }
}

/// What an engine has told.
private final class EventList: Sendable {
    private let events = Mutex<[EngineEvent]>([])
    @Sendable func add(_ event: EngineEvent) { events.withLock { $0.append(event) } }
    var all: [EngineEvent] { events.withLock { $0 } }
}
