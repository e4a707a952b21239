import ShaleCapacity
import ShaleEngine
import ShaleItems
@testable import ShaleTables
import Testing

struct IndexTests {
    static func withSongs(_ body: (Database) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            for (title, year, plays) in [("a", 1965, 1), ("b", 1958, 2), ("c", 1965, 3)] {
                try await database.put(
                    Songs.song("Nina", title, year: year, genre: "jazz", plays: plays)
                )
            }
            try await database.put(Songs.song("Nina", "d"))
            try await database.put(Songs.song("Miles", "a", year: 1959, genre: "jazz"))
            try await body(database)
            let verified = try await database.verifyIndexes("Songs")
            #expect(verified.differences == [])
        }
    }

    @Test func `a local index orders the items that have its key`() async throws {
        try await Self.withSongs { database in
            let request = songsQuery("artist = :a", [":a": "Nina"], index: "ByYear")
            let items = try await database.all(request)
            try #require(items.map { $0["title"] } == ["b", "a", "c"])
            #expect(items[0] == ["artist": "Nina", "title": "b", "year": 1958])
        }
    }

    @Test func `a local index reads from the table what it does not hold`() async throws {
        try await Self.withSongs { database in
            var request = songsQuery("artist = :a", [":a": "Nina"], index: "ByYear")
            request.options.select = .allAttributes
            request.options.returnConsumedCapacity = .indexes
            let whole = try await database.query(request)
            #expect(whole.items.map { $0["plays"] } == [2, 1, 3])
            #expect(whole.consumedCapacity?.table == CapacityUnits(halves: 3))
            request.options.select = nil
            request.options.projection = "plays"
            #expect(
                try await database.query(request).items == [
                    ["plays": 2], ["plays": 1], ["plays": 3],
                ]
            )
            request.options.projection = nil
            request.options.filter = "plays > :one"
            request.options.attributes.values = [":a": "Nina", ":one": 1]
            #expect(
                try await database.query(request).items == [
                    ["artist": "Nina", "title": "b", "year": 1958],
                    ["artist": "Nina", "title": "c", "year": 1965],
                ]
            )
            request.options.select = .allAttributes
            #expect(try await database.query(request).items.map { $0["plays"] } == [2, 3])
        }
    }

    @Test func `a global index holds what it projects, in the order of its key`() async throws {
        try await Self.withSongs { database in
            let request = songsQuery("genre = :g", [":g": "jazz"], index: "ByGenre")
            let items = try await database.all(request)
            try #require(items.map { $0["year"] } == [1958, 1959, 1965, 1965])
            #expect(
                items[0]
                    == ["artist": "Nina", "title": "b", "year": 1958, "genre": "jazz", "plays": 2]
            )
            var paged = request
            paged.options.limit = 1
            #expect(try await database.all(paged) == items)
            let first = try await database.query(paged)
            #expect(
                first.lastEvaluatedKey
                    == ["genre": "jazz", "year": 1958, "artist": "Nina", "title": "b"]
            )
            paged.scanIndexForward = false
            #expect(try await database.all(paged) == items.reversed())
        }
    }

    @Test(arguments: [
        ("consistent", "Consistent reads are not supported on global secondary indexes"),
        ("all", "Select type ALL_ATTRIBUTES is not supported for global secondary index ByGenre"),
        ("projection", "Global secondary index ByGenre does not project [lyrics]"),
        ("name", "The table does not have the specified index: Nothing"),
    ])
    func `what a global index cannot do is refused`(what: String, message: String) async throws {
        try await Self.withSongs { database in
            var request = songsQuery("genre = :g", [":g": "jazz"], index: "ByGenre")
            switch what {
            case "consistent": request.options.consistentRead = true
            case "all": request.options.select = .allAttributes
            case "projection": request.options.projection = "lyrics"
            default: request.options.indexName = "Nothing"
            }
            let asked = request
            let error = await failure { _ = try await database.query(asked) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
        }
    }

    @Test func `an entry moves, changes and goes with its item`() async throws {
        try await Self.withSongs { database in
            let key = Songs.key("Nina", "a")
            func genre(_ name: String) async throws -> [Item] {
                try await database.all(
                    songsQuery("genre = :g", [":g": .string(name)], index: "ByGenre")
                )
            }
            var update = UpdateItemRequest(
                tableName: "Songs",
                key: key,
                update: "SET genre = :g, plays = :p"
            )
            update.options.attributes.values = [":g": "soul", ":p": 9]
            _ = try await database.updateItem(update)
            #expect(try await genre("jazz").count == 3)
            #expect(try await genre("soul").map { $0["plays"] } == [9])
            update.update = "REMOVE genre"
            update.options.attributes.values = nil
            _ = try await database.updateItem(update)
            #expect(try await genre("soul") == [])
            _ = try await database.deleteItem(
                DeleteItemRequest(tableName: "Songs", key: Songs.key("Nina", "b"))
            )
            #expect(try await genre("jazz").count == 2)
        }
    }

    @Test func `a key of an index has the bounds of a table's key`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Self.texts)
            let invalid = "One or more parameter values were invalid: "
            let bounds = [
                ("h", 2_048, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
                (
                    "r", 1_024,
                    "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
                ),
            ]
            for (name, limit, message) in bounds {
                var item: Item = ["id": "a", "h": "x", "r": "x"]
                item[name] = .string(String(repeating: "x", count: limit))
                try await database.put(item, in: "Texts")
                item[name] = .string(String(repeating: "x", count: limit + 1))
                let over = item
                let put = await failure { try await database.put(over, in: "Texts") }
                #expect(put == .some(DatabaseError(.validation, invalid + message)))
                let batch = await failure {
                    _ = try await database.batchWriteItem(
                        BatchWriteItemRequest([("Texts", [.put(over)])])
                    )
                }
                #expect(batch == put)
                var update = UpdateItemRequest(
                    tableName: "Texts",
                    key: ["id": "a"],
                    update: "SET \(name) = :v"
                )
                update.options.attributes.values = [":v": over[name] ?? .null]
                let request = update
                let updated = await failure { _ = try await database.updateItem(request) }
                #expect(updated == put)
            }
        }
    }

    private static var texts: CreateTableRequest {
        var request = CreateTableRequest(
            tableName: "Texts",
            attributeDefinitions: [.string("id"), .string("h"), .string("r")],
            keySchema: [KeySchemaElement("id", .partition)]
        )
        request.billingMode = .payPerRequest
        request.globalSecondaryIndexes = [
            SecondaryIndexDefinition(
                "ByText",
                keySchema: [KeySchemaElement("h", .partition), KeySchemaElement("r", .sort)],
                projection: .keysOnly
            )
        ]
        return request
    }

    @Test func `a scan of an index gives its entries`() async throws {
        try await Self.withSongs { database in
            var request = ScanRequest(tableName: "Songs")
            request.options.indexName = "ByGenre"
            request.options.limit = 1
            let entries = try await database.all(request)
            #expect(entries.count == 4)
        }
    }

    @Test func `differences between index and table are named`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            for title in ["a", "b", "c"] {
                try await database.put(
                    Songs.song("Nina", title, year: 1965, genre: "jazz", plays: 1)
                )
            }
            let table = try database.catalog.table("Songs").definition
            let index = try #require(table.index(named: "ByGenre"))
            func entry(_ title: String) throws -> IndexEntry {
                let item = Songs.song("Nina", title, year: 1965, genre: "jazz", plays: 1)
                return try #require(index.entry(of: item, table.key))
            }
            var batch = WriteBatch()
            batch.delete(index.engineTable.id, try entry("a").key)
            var changed = try entry("b")
            changed.item["plays"] = 7
            batch.put(index.engineTable.id, changed.key, try ItemEncoder.encode(changed.item))
            let stray = try entry("stray")
            batch.put(index.engineTable.id, stray.key, try ItemEncoder.encode(stray.item))
            try await database.engine.write(batch)
            let found = try await database.verifyIndexes("Songs")
            #expect(found.items == 3)
            let names = found.differences.map { difference in
                "\(difference.kind) \(difference.indexName) "
                    + (difference.key["title"]?.stringValue ?? "")
            }
            #expect(
                names.sorted()
                    == ["different ByGenre b", "missing ByGenre a", "unexpected ByGenre stray"]
            )

            let rebuilt = try await database.rebuildIndexes("Songs")
            #expect(rebuilt == IndexRebuild(written: 2, removed: 1))
            #expect(try await database.verifyIndexes("Songs").differences == [])
            #expect(try await database.rebuildIndexes("Songs") == IndexRebuild())
        }
    }
}
