import ShaleEngine
import ShaleItems
import ShalePlatform
import Synchronization
import Testing

@testable import ShaleTables

/// Items from memory are as new as items from the engine.
struct ItemCacheTests {
    private static let key: Item = ["id": "a"]
    private static let old: Item = ["id": "a", "n": 1]

    /// Every way to write an item; each makes `n` 2, or takes the item away.
    enum Writing: String, CaseIterable, Sendable {
        case put, update, delete, batch, transaction, statement, encoded, encodedBatch, expiry

        var leavesNothing: Bool { self == .delete || self == .expiry }

        func perform(_ table: Table, _ time: SteppedTime) async throws {
            let database = table.database
            let new: Item = ["id": "a", "n": 2]
            switch self {
            case .put: try await table.put(new)
            case .update: try await table.update(key, "SET n = :n", values: [":n": 2])
            case .delete: try await table.delete(key)
            case .batch: try await table.put(contentsOf: [new])
            case .transaction: try await database.transact { $0.put(new, in: table) }
            case .statement:
                _ = try await database.executeStatement(
                    StatementRequest("UPDATE \"items\" SET n = 2 WHERE id = 'a'")
                )
            case .encoded:
                let bytes = try ItemEncoder.encode(new)
                _ = try await database.putEncoded("items", bytes, sizeBytes: new.sizeBytes)
            case .encodedBatch:
                let bytes = try ItemEncoder.encode(new)
                let put = EncodedRequest.put(bytes, sizeBytes: new.sizeBytes)
                _ = try await database.writeEncoded([(tableName: "items", writes: [put])])
            case .expiry:
                try await database.updateTimeToLive("items", attributeName: "end", isEnabled: true)
                while try database.describeTimeToLive("items").status == .enabling {
                    await database.awaitBackgroundWork()
                }
                try await table.put(["id": "a", "end": .number(Number(time.seconds + 5))])
                #expect(try await table.get(key) != nil)
                time.advance(hours: 1)
                await database.keepHouse()
            }
        }
    }

    private func withTable(
        _ change: (inout DatabaseOptions) -> Void = { _ in },
        _ body: (Table, SteppedTime) async throws -> Void
    ) async throws {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        options.cache.itemBytes = nil
        change(&options)
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", options, in: world)
            let table = try await database.createTable("items", partitionKey: .string("id"))
            try await body(table, time)
            try await database.close()
        }
    }

    private func decoded(_ table: Table) async throws -> Item? {
        let key = PlainKey(bytes: try ItemEncoder.encode(Self.key), count: 1)
        let found = try await table.database.getEncoded(table.name, key: key) {
            bytes throws(ItemError) in
            try ItemDecoder.decode(bytes)
        }
        if case .done(let item) = found { return item }
        return nil
    }

    @Test(arguments: Writing.allCases, [false, true])
    func `every way to write is seen at once`(writing: Writing, isPresent: Bool) async throws {
        try await withTable { table, time in
            if isPresent { try await table.put(Self.old) }
            for _ in 0..<2 {
                #expect(try await table.get(Self.key) == (isPresent ? Self.old : nil))
            }
            #expect(table.database.itemCacheStatistics.hits == 1)
            do {
                try await writing.perform(table, time)
            } catch let error as DatabaseError where writing == .statement && !isPresent {
                // A statement changes what is there only.
                #expect(error.code == .conditionalCheckFailed)
                return
            }
            let there = writing.leavesNothing ? nil : AttributeValue.number(2)
            #expect(try await table.get(Self.key)?["n"] == there)
            #expect(try await table.get(Self.key)?["n"] == there)
            #expect(try await decoded(table)?["n"] == there)
        }
    }

    @Test
    func `both forms of an item come from the cache`() async throws {
        try await withTable { table, _ in
            try await table.put(Self.old)
            for _ in 0..<3 {
                let found = try await decoded(table)
                #expect(found == Self.old)
            }
            // Stored bytes serve those as well who want the item.
            #expect(try await table.get(Self.key) == Self.old)
            #expect(table.database.itemCacheStatistics.hits == 3)
            #expect(table.database.itemCacheStatistics.misses == 1)
        }
    }

    @Test
    func `that there is no item is known as well`() async throws {
        try await withTable { table, _ in
            for _ in 0..<5 {
                let found = try await table.get(Self.key)
                #expect(found == nil)
            }
            #expect(table.database.itemCacheStatistics.negativeHits == 4)
        }
    }

    @Test
    func `an item of a deleted table is not that of a new one`() async throws {
        try await withTable { table, _ in
            try await table.put(Self.old)
            for _ in 0..<2 {
                let found = try await table.get(Self.key)
                #expect(found == Self.old)
            }
            try await table.drop()
            #expect(table.database.itemCacheStatistics.entryCount == 0)
            let again = try await table.database.createTable("items", partitionKey: .string("id"))
            #expect(try await again.get(Self.key) == nil)
        }
    }

    @Test
    func `a closed database answers nothing from memory`() async throws {
        var options = DatabaseOptions()
        options.cache.itemBytes = nil
        let chosen = options
        try await withWorld { world in
            let database = try await Database.open("db", chosen, in: world)
            let table = try await database.createTable("items", partitionKey: .string("id"))
            for _ in 0..<2 {
                let found = try await table.get(Self.key)
                #expect(found == nil)
            }
            try await database.close()
            let error = await failure { _ = try await table.get(Self.key) }
            #expect(error?.code == .internalFailure)
            let again = try await Database.open("db", in: world)
            #expect(again.cachesOfLastLife.items.hits == 1)
            try await again.close()
        }
    }

    @Test
    func `without memory for it there is no cache`() async throws {
        try await withTable({ $0.cache = .none }) { table, _ in
            try await table.put(Self.old)
            for _ in 0..<3 {
                let found = try await table.get(Self.key)
                #expect(found == Self.old)
            }
            #expect(table.database.itemCacheStatistics == CacheStatistics())
        }
    }

    @Test(arguments: [false, true])
    func `what is read while a write is under way is not kept`(wasReadBefore: Bool) async throws {
        try await withTable { table, _ in
            try await table.put(Self.old)
            // Without it the write has its place in the log before anybody is interested in the table.
            if wasReadBefore { _ = try await table.get(["id": "b"]) }
            let engine = table.database.engine
            let version = try table.database.catalog.table(table.name).version
            let key = try #require(version.entryKey(ofKey: Self.key))
            let id = version.engineTable.id
            let bytes = try ItemEncoder.encode(["id": "a", "n": 2])
            let staged = try await engine.stage(owning: [OwnedKey(id, key)]) { _ in
                var batch = WriteBatch()
                batch.put(id, key, bytes)
                return (batch, ())
            }
            // Nobody has waited for the write, so nobody has made it visible.
            #expect(try await table.get(Self.key) == Self.old)
            try await engine.settle(staged.position)
            #expect(try await table.get(Self.key)?["n"] == 2)
        }
    }

    @Test(arguments: [Durability.buffered, .synced])
    func `readers never see an older item than was acknowledged`(
        durability: Durability
    ) async throws {
        try await withTable { table, _ in
            let progress = Progress()
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    defer { progress.end() }
                    for number in 1...1_500 {
                        try await table.put(
                            ["id": "a", "n": .number(Number(number))],
                            durability: durability
                        )
                        progress.note(number)
                    }
                    return 0
                }
                for _ in 0..<3 {
                    group.addTask {
                        var last = 0
                        var reads = 0
                        while !progress.isOver {
                            let least = progress.acknowledged
                            let found = try await table.get(Self.key)?["n"]?.numberValue?.intValue
                            let number = Int(found ?? 0)
                            #expect(number >= least, "read \(number) after \(least)")
                            #expect(number >= last, "read \(number) after having read \(last)")
                            last = number
                            reads += 1
                            if reads % 64 == 0 { await Task.yield() }
                        }
                        return reads
                    }
                }
                for try await _ in group {}
            }
            #expect(table.database.itemCacheStatistics.hits > 0)
        }
    }

    // MARK: Pages

    private func page(_ table: Table, isConsistent: Bool = false) async throws -> Int {
        var request = ScanRequest(tableName: table.name)
        request.options.consistentRead = isConsistent
        return try await table.database.scan(request).count
    }

    @Test
    func `pages are kept of tables that are named, and for those who do not mind`() async throws {
        func options(_ options: inout DatabaseOptions) {
            options.cache.pageLifetimes["items"] = .seconds(60)
            options.metersUsage = true
        }
        try await withTable(options) { table, _ in
            #expect(try await page(table) == 0)
            try await table.put(Self.old)
            #expect(try await page(table) == 0)
            #expect(try await page(table, isConsistent: true) == 1)
            let other = try await table.database.createTable("others", partitionKey: .string("id"))
            #expect(try await page(other) == 0)
            try await other.put(Self.old)
            #expect(try await page(other) == 1)
            #expect(table.database.pageCacheStatistics.hits == 1)
            let usage = table.database.usage().there.first { $0.tableName == "items" }
            #expect(usage?.count.cacheHits == 1)
            // Two were read for their askers.
            #expect(usage?.count.readHalves == 3)
        }
    }

    @Test
    func `a page is read again when its time is over`() async throws {
        try await withTable({ $0.cache.pageLifetimes["items"] = .seconds(60) }) { table, time in
            #expect(try await page(table) == 0)
            try await table.put(Self.old)
            #expect(try await page(table) == 0)
            time.skip(seconds: 61)
            #expect(try await page(table) == 1)
        }
    }

    @Test
    func `another request has another page`() async throws {
        try await withTable({ $0.cache.pageLifetimes["items"] = .seconds(60) }) { table, _ in
            for number in 1...4 {
                try await table.put(["id": .string("\(number)"), "n": .number(Number(number))])
            }
            func count(_ change: (inout ScanRequest) -> Void) async throws -> Int {
                var request = ScanRequest(tableName: "items")
                change(&request)
                return try await table.database.scan(request).count
            }
            for _ in 0..<2 {
                #expect(try await count { _ in } == 4)
                #expect(try await count { $0.options.limit = 3 } == 3)
                for least in [2, 3] {
                    let found = try await count {
                        $0.options.filter = "n >= :n"
                        $0.options.attributes = ExpressionAttributes(values: [
                            ":n": .number(Number(least))
                        ])
                    }
                    #expect(found == 5 - least)
                }
            }
            #expect(table.database.pageCacheStatistics.hits == 4)
        }
    }
}

/// How far another task is.
private final class Progress: Sendable {
    private let number = Atomic<Int>(0)
    private let over = Atomic<Bool>(false)

    var acknowledged: Int { number.load(ordering: .sequentiallyConsistent) }
    var isOver: Bool { over.load(ordering: .sequentiallyConsistent) }

    func note(_ acknowledged: Int) { number.store(acknowledged, ordering: .sequentiallyConsistent) }
    func end() { over.store(true, ordering: .sequentiallyConsistent) }
}

/// One goes, the others wait.
struct SingleFlightTests {
    @Test
    func `of many who want the same one begins, and the others wait until it ends`() async {
        let flights = SingleFlight<String>()
        #expect(await flights.begin("a"))
        #expect(await flights.begin("b"))
        let progress = Progress()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let isFirst = await flights.begin("a")
                    return isFirst || !progress.isOver
                }
            }
            while flights.joined < 20 { await Task.yield() }
            progress.end()
            flights.end("a")
            for await isWrong in group { #expect(!isWrong) }
        }
        flights.end("b")
        #expect(await flights.begin("a"))
    }
}
