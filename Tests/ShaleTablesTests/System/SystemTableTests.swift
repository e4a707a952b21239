import ShaleEngine
import ShaleItems
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
