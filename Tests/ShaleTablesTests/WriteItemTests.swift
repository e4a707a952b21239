import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

struct WriteItemTests {
    static let old = Songs.song("Nina", "Sinnerman", year: 1965, plays: 1)

    struct Case: Sendable, CustomTestStringConvertible {
        var returns: ReturnValues
        var expected: Item?
        var expectedOfNew: Item?
        var testDescription: String { returns.rawValue }
    }

    @Test(arguments: [
        Case(returns: .none, expected: nil, expectedOfNew: nil),
        Case(returns: .allOld, expected: old, expectedOfNew: nil),
        Case(
            returns: .allNew,
            expected: Songs.song("Nina", "Sinnerman", year: 1965, plays: 2),
            expectedOfNew: Songs.song("Nina", "Sinnerman", plays: 2)
        ),
        Case(returns: .updatedOld, expected: ["plays": 1], expectedOfNew: nil),
        Case(returns: .updatedNew, expected: ["plays": 2], expectedOfNew: ["plays": 2]),
    ])
    func `an update answers what is asked for`(expectation: Case) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var request = UpdateItemRequest(
                tableName: "Songs",
                key: Songs.key("Nina", "Sinnerman"),
                update: "SET plays = :two"
            )
            request.options.attributes.values = [":two": 2]
            request.options.returnValues = expectation.returns
            let ofNew = try await database.updateItem(request).attributes
            #expect(ofNew == expectation.expectedOfNew)
            try await database.put(Self.old)
            #expect(try await database.updateItem(request).attributes == expectation.expected)
        }
    }

    @Test func `an update without expression makes the item`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let key = Songs.key("Nina", "Sinnerman")
            let request = UpdateItemRequest(tableName: "Songs", key: key, update: nil)
            _ = try await database.updateItem(request)
            #expect(try await database.get(key) == key)
        }
    }

    @Test func `puts and deletes answer the old item or nothing`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var options = WriteOptions()
            options.returnValues = .allOld
            let put = PutItemRequest(tableName: "Songs", item: Self.old, options: options)
            #expect(try await database.putItem(put).attributes == nil)
            #expect(try await database.putItem(put).attributes == Self.old)
            var delete = DeleteItemRequest(
                tableName: "Songs",
                key: Songs.key("Nina", "Sinnerman"),
                options: options
            )
            #expect(try await database.deleteItem(delete).attributes == Self.old)
            #expect(try await database.deleteItem(delete).attributes == nil)
            delete.options.returnValues = .allNew
            let refused = delete
            let error = await failure { _ = try await database.deleteItem(refused) }
            #expect(error?.message == "ReturnValues can only be ALL_OLD or NONE")
        }
    }

    @Test(arguments: [
        ("attribute_exists(artist)", true), ("attribute_not_exists(artist)", false),
        ("plays = :one", true), ("plays > :one", false),
    ])
    func `a write happens when its condition holds`(
        condition: String,
        holds: Bool
    ) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            try await database.put(Self.old)
            var options = WriteOptions()
            options.condition = condition
            options.attributes.values = condition.contains(":one") ? [":one": 1] : nil
            options.returnValuesOnConditionCheckFailure = .allOld
            let request = DeleteItemRequest(
                tableName: "Songs",
                key: Songs.key("Nina", "Sinnerman"),
                options: options
            )
            let error = await failure { _ = try await database.deleteItem(request) }
            #expect((error == nil) == holds)
            if !holds {
                #expect(error?.code == .conditionalCheckFailed)
                #expect(error?.item == Self.old)
            }
            #expect(try await database.get(request.key) == (holds ? nil : Self.old))
        }
    }

    struct BadItem: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var item: Item
        var message: String
    }

    @Test(arguments: [
        BadItem(
            testDescription: "no sort key",
            item: ["artist": "Nina"],
            message: "Missing the key title in the item"
        ),
        BadItem(
            testDescription: "key of another type",
            item: ["artist": "Nina", "title": 1],
            message: "Type mismatch for key title expected: S actual: N"
        ),
        BadItem(
            testDescription: "empty key",
            item: ["artist": "", "title": "t"],
            message: "empty string value. Key: artist"
        ),
        BadItem(
            testDescription: "key too long",
            item: ["artist": "Nina", "title": .string(String(repeating: "t", count: 1025))],
            message: "1024"
        ),
        BadItem(
            testDescription: "index key of another type",
            item: ["artist": "Nina", "title": "t", "year": "1965"],
            message: "Type mismatch for Index Key year Expected: N Actual: S IndexName: ByYear"
        ),
        BadItem(
            testDescription: "empty index key",
            item: ["artist": "Nina", "title": "t", "genre": ""],
            message: "IndexName: ByGenre, IndexKey: genre"
        ),
        BadItem(
            testDescription: "too large",
            item: [
                "artist": "Nina", "title": "t",
                "text": .string(String(repeating: "x", count: 400 * 1024)),
            ],
            message: "Item size has exceeded the maximum allowed size"
        ),
        BadItem(
            testDescription: "empty set",
            item: ["artist": "Nina", "title": "t", "tags": .stringSet([])],
            message: "may not be empty"
        ),
    ])
    func `an item that breaks a rule is refused`(bad: BadItem) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let error = await failure { try await database.put(bad.item) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(bad.message) == true, "\(error?.message ?? "none")")
        }
    }

    @Test(
        arguments: [
            ["artist": "Nina"], ["artist": "Nina", "title": "t", "year": 1],
            ["artist": "Nina", "title": 1], ["artist": "Nina", "name": "t"], [:],
        ] as [Item]
    )
    func `a key that is not exactly the key is refused`(key: Item) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let error = await failure { _ = try await database.get(key) }
            #expect(error?.message == "The provided key element does not match the schema")
        }
    }

    @Test(arguments: [
        ("SET title = :v", "This attribute is part of the key"),
        ("SET genre = :n", "Type mismatch for Index Key genre"),
        ("SET absent.child = :v", "document path"), ("SET", "Syntax error"),
        ("SET plays = :other", ":other"),
    ])
    func `an update that cannot be is refused and changes nothing`(
        update: String,
        message: String
    ) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            try await database.put(Self.old)
            var request = UpdateItemRequest(
                tableName: "Songs",
                key: Songs.key("Nina", "Sinnerman"),
                update: update
            )
            request.options.attributes.values =
                update.contains(":n") ? [":n": 1] : update.contains(":v") ? [":v": "v"] : nil
            if update.contains(":other") { request.options.attributes.values = [":v": 1] }
            let asked = request
            let error = await failure { _ = try await database.updateItem(asked) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
            #expect(try await database.get(request.key) == Self.old)
        }
    }

    @Test func `a write counts units of the table and of each index it changes`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var options = WriteOptions()
            options.returnConsumedCapacity = .indexes
            let item = Songs.song("Nina", "Sinnerman", year: 1965, genre: "jazz")
            var request = PutItemRequest(tableName: "Songs", item: item, options: options)
            let first = try await database.putItem(request).consumedCapacity
            #expect(first?.total == CapacityUnits(4))
            #expect(first?.localIndexes == ["ByYear": CapacityUnits(1)])
            #expect(
                first?.globalIndexes
                    == ["ByGenre": CapacityUnits(1), "ByTitle": CapacityUnits(1)]
            )
            let again = try await database.putItem(request).consumedCapacity
            #expect(again?.total == CapacityUnits(1), "no index changes")
            request.item["genre"] = "soul"
            let moved = try await database.putItem(request).consumedCapacity
            #expect(moved?.globalIndexes["ByGenre"] == CapacityUnits(2))
            #expect(moved?.localIndexes == [:])
        }
    }

    @Test func `a thousand increments by many tasks add up`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var request = UpdateItemRequest(
                tableName: "Songs",
                key: Songs.key("Nina", "Sinnerman"),
                update: "ADD plays :one"
            )
            request.options.attributes.values = [":one": 1]
            let increment = request
            try await withThrowingTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask {
                        for _ in 0..<100 { _ = try await database.updateItem(increment) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.get(request.key)?["plays"] == 1000)
        }
    }

    @Test func `an item collection has a size where the table has a local index`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            _ = try await database.createTable("Plain", partitionKey: .string("id"))
            var put = PutItemRequest(tableName: "Songs", item: Songs.song("Nina", "a", year: 1965))
            put.options.returnItemCollectionMetrics = .size
            try await database.flush()
            let metrics = try await database.putItem(put).itemCollectionMetrics
            #expect(
                metrics
                    == ItemCollectionMetrics(
                        itemCollectionKey: ["artist": "Nina"],
                        sizeEstimateRangeGB: 0...1
                    )
            )
            var plain = PutItemRequest(tableName: "Plain", item: ["id": "a"])
            plain.options.returnItemCollectionMetrics = .size
            #expect(try await database.putItem(plain).itemCollectionMetrics == nil)
            var batch = BatchWriteItemRequest([
                ("Songs", [.put(Songs.song("Nina", "b")), .put(Songs.song("Bob", "c"))]),
                ("Plain", [.put(["id": "b"])]),
            ])
            batch.returnItemCollectionMetrics = .size
            let tables = try await database.batchWriteItem(batch).itemCollectionMetrics
            #expect(tables?.map(\.tableName) == ["Songs"])
            #expect(
                tables?.first?.metrics.map(\.itemCollectionKey) == [
                    ["artist": "Nina"], ["artist": "Bob"],
                ]
            )
        }
    }
}
