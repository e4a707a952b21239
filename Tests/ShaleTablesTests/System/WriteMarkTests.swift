import ShaleItems
import ShaleTables
import Testing

/// Writes that are asked for twice and happen once.
struct WriteMarkTests {
    private func marked<Answer>(
        _ identity: String,
        _ database: Database,
        _ body: () async throws -> Answer
    ) async throws -> Answer {
        let mark = WriteMark(identity, in: try await WriteMark.table(database))
        return try await WriteMark.$current.withValue(mark, operation: body)
    }

    private static func add(_ returning: ReturnValues) -> UpdateItemRequest {
        var options = WriteOptions()
        options.returnValues = returning
        options.attributes = ExpressionAttributes(names: nil, values: [":one": 1])
        return UpdateItemRequest(
            tableName: "Songs",
            key: Songs.key("a", "b"),
            update: "ADD plays :one",
            options: options
        )
    }

    @Test(arguments: [ReturnValues.none, .allNew, .updatedNew, .allOld, .updatedOld])
    func `a repetition changes nothing and answers the same`(returning: ReturnValues) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            try await database.put(Songs.song("a", "b", plays: 3))
            let first = try await marked("x", database) {
                try await database.updateItem(Self.add(returning)).attributes
            }
            let again = try await marked("x", database) {
                try await database.updateItem(Self.add(returning)).attributes
            }
            #expect(first == again)
            #expect((first == nil) == (returning == .none))
            #expect(try await database.get(Songs.key("a", "b"))?["plays"] == 4)
            _ = try await marked("y", database) { try await database.updateItem(Self.add(.none)) }
            #expect(try await database.get(Songs.key("a", "b"))?["plays"] == 5)
        }
    }

    @Test func `a write that fails leaves no mark, and happens when it can`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var options = WriteOptions()
            options.condition = "attribute_exists(artist)"
            let request = PutItemRequest(
                tableName: "Songs",
                item: Songs.song("a", "b", year: 7),
                options: options
            )
            let error = await failure {
                _ = try await marked("x", database) { try await database.putItem(request) }
            }
            #expect(error?.code == .conditionalCheckFailed)
            try await database.put(Songs.song("a", "b"))
            _ = try await marked("x", database) { try await database.putItem(request) }
            #expect(try await database.get(Songs.key("a", "b"))?["year"] == 7)
        }
    }

    @Test func `a transaction happens once, and again when its mark is deleted`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let songs = try database.table("Songs")
            func add() async throws {
                try await marked("x", database) {
                    _ = try await database.transact {
                        $0.update(Songs.key("a", "b"), in: songs, "ADD plays :n", values: [":n": 1])
                    }
                }
            }
            try await add()
            try await add()
            #expect(try await database.get(Songs.key("a", "b"))?["plays"] == 1)
            var writes = SystemWrites()
            WriteMark.delete("x", from: try await WriteMark.table(database), in: &writes)
            try await database.write(writes)
            try await add()
            #expect(try await database.get(Songs.key("a", "b"))?["plays"] == 2)
        }
    }
}
