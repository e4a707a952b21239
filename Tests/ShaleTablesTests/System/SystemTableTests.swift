import ShaleEngine
import ShaleItems
import ShalePlatform
import Simulation
@testable import ShaleTables
import Testing

@Suite struct SystemTableTests {
    static let key = KeySchema(
        partition: AttributeDefinition("kind", .string),
        sort: AttributeDefinition("at", .number)
    )

    static func item(_ kind: String, _ at: Int, _ text: String = "") -> Item {
        ["kind": .string(kind), "at": .number(Number(at)), "text": .string(text)]
    }

    @Test func `it is found again after an open, with what it held`() async throws {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            #expect(database.existingSystemTable("$test") == nil)
            var table = try await database.systemTable("$test", key: Self.key)
            try await table.write(putting: [Self.item("a", 1, "one"), Self.item("a", 2)])
            try await database.close()
            database = try await Database.open("db", in: world)
            table = try #require(database.existingSystemTable("$test"))
            #expect(try await table.item(["kind": "a", "at": 1]) == Self.item("a", 1, "one"))
            #expect(try await table.item(["kind": "a", "at": 3]) == nil)
            #expect(database.systemTableCount == 1)
            try await database.close()
        }
    }

    /// Writes, deletes and writes over again, then the power fails; a table that is counted says what is there.
    @Test(arguments: 1...4)
    func `behind power cuts it counts the items that are there`(seed: Int) throws {
        let simulation = SimulatedWorld(seed: UInt64(seed))
        for life in 0..<4 {
            let world = simulation.world
            simulation.disk.cutPower(afterOperations: 40 + 13 * seed + 29 * life)
            let run = simulation.startTask {
                let database = try await Database.open("db", in: world)
                let table = try await Self.counted(in: database)
                for step in 0..<200 {
                    try await table.write(
                        putting: [Self.item("a", life * 1_000 + step), Self.item("b", step)],
                        deleting: [["kind": "a", "at": .number(Number(step / 2))]]
                    )
                }
            }
            try simulation.run(until: { simulation.disk.isPowerCut || run.isFinished })
            simulation.crash(leftovers: .runIntoErrors)
            try Self.expectCounted(simulation, closing: life % 2 == 0)
        }
        try Self.expectCounted(simulation, closing: true)
    }

    private static func counted(in database: Database) async throws -> SystemTable {
        try await database.systemTable("$test", key: key, counting: .exactly)
    }

    private static func expectCounted(_ simulation: SimulatedWorld, closing: Bool) throws {
        let world = simulation.world
        try simulation.runTask {
            let database = try await Database.open("db", in: world)
            let table = try await counted(in: database)
            try await table.write(putting: [item("c", 1)])
            let items =
                try await table.items(of: "a") + table.items(of: "b") + table.items(of: "c")
            #expect(table.itemCount == items.count)
            let bytes = items.reduce(0) { $0 + $1.sizeBytes }
            #expect(table.live.tallies(of: table.live.definition).first?.bytes == bytes)
            if closing { try await database.close() }
        }
        if !closing { simulation.crash(leftovers: .runIntoErrors) }
    }

    @Test func `who closes a database without counting leaves that to the next`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        try simulation.runTask {
            let database = try await Database.open("db", in: first)
            let table = try await Self.counted(in: database)
            for number in 0..<3 { try await table.write(putting: [Self.item("a", number)]) }
        }
        simulation.crash(leftovers: .runIntoErrors)
        let second = simulation.world
        try simulation.runTask {
            let database = try await Database.open("db", in: second)
            let table = try await database.systemTable("$test", key: Self.key)
            try await table.write(putting: [Self.item("a", 3)])
            try await database.close()
        }
        let third = simulation.world
        try simulation.runTask {
            let database = try await Database.open("db", in: third)
            #expect(try await Self.counted(in: database).itemCount == 4)
            try await database.close()
        }
    }

    @Test func `items of a partition key come in order, from and to where one asks`() async throws {
        try await withDatabase { database in
            let table = try await database.systemTable("$test", key: Self.key)
            try await table.write(putting: [7, 3, 5, 1].map { Self.item("a", $0) })
            try await table.write(putting: [Self.item("b", 4)])
            func numbers(_ items: [Item]) -> [Int] {
                items.compactMap { $0["at"]?.numberValue?.intValue }
            }
            #expect(numbers(try await table.items(of: "a")) == [1, 3, 5, 7])
            #expect(numbers(try await table.items(of: "a", in: (3, 7))) == [3, 5])
            #expect(numbers(try await table.items(of: "a", in: (nil, 5), .descending)) == [3, 1])
            #expect(numbers(try await table.items(of: "a", limit: 2, .descending)) == [7, 5])
            try await table.write(
                putting: [Self.item("a", 9)],
                deleting: [["kind": "a", "at": 1], ["kind": "a", "at": 3]]
            )
            #expect(numbers(try await table.items(of: "a")) == [5, 7, 9])
        }
    }

    @Test func `an item that is too large, or has no key, is refused before anything is written`()
        async throws
    {
        try await withDatabase { database in
            let table = try await database.systemTable("$test", key: Self.key)
            let large = String(repeating: "x", count: ItemLimits.itemSizeBytes)
            var written = ItemWriter()
            written.set("at", Int64(1))
            written.set("kind", "a")
            written.set("text", large)
            var keyless = ItemWriter()
            keyless.set("kind", "a")
            for item in [written.finished(), keyless.finished()] {
                var writes = SystemWrites()
                writes.put(Self.item("b", 1), in: table)
                writes.put(item, in: table)
                await #expect(throws: DatabaseError.self) { try await database.write(writes) }
            }
            await #expect(throws: DatabaseError.self) {
                try await table.write(putting: [Self.item("b", 1), Self.item("a", 1, large)])
            }
            #expect(try await table.items(of: "b") == [])
            #expect(table.itemCount == 0)
        }
    }

    @Test func `items are counted as they come and go`() async throws {
        try await withDatabase { database in
            let table = try await database.systemTable("$test", key: Self.key)
            func key(_ at: Int) -> Item { ["kind": "a", "at": .number(Number(at))] }
            for (put, deleted, count) in [
                ([1, 2, 3], [], 3), ([], [2], 2), ([1], [2, 9], 2), ([4], [1, 3], 1), ([], [4], 0),
            ] as [([Int], [Int], Int)] {
                try await table.write(
                    putting: put.map { Self.item("a", $0) },
                    deleting: deleted.map(key)
                )
                #expect(table.itemCount == count)
            }
        }
    }

    @Test func `no request of a user finds it`() async throws {
        try await withDatabase { database in
            let table = try await database.systemTable("$test", key: Self.key)
            try await table.write(putting: [Self.item("a", 1)])
            #expect(try database.listTables().tableNames == [])
            let key: Item = ["kind": "a", "at": 1]
            let calls: [() async throws -> Void] = [
                { _ = try await database.getItem(GetItemRequest(tableName: "$test", key: key)) },
                {
                    _ = try await database.executeStatement(
                        StatementRequest("SELECT * FROM \"$test\"")
                    )
                },
                { _ = try await database.scan(ScanRequest(tableName: "$test")) },
                { _ = try database.describeTable("$test") },
                { _ = try await database.deleteTable("$test") },
                { _ = try database.table("$test") },
                { try await database.put(Self.item("a", 1), in: "$test") },
                {
                    _ = try await database.transactGetItems(
                        TransactGetItemsRequest([TransactGet(tableName: "$test", key: key)])
                    )
                },
                { try await database.tagTable("$test", []) },
            ]
            for call in calls {
                let code = await failure(call)?.code
                #expect(code == .resourceNotFound || code == .validation)
            }
        }
    }

    @Test func `those who ask at once get one table`() async throws {
        try await withDatabase { database in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        _ = try? await database.systemTable("$test", key: Self.key)
                    }
                }
            }
            #expect(database.systemTableCount == 1)
        }
    }
}
