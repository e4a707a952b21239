import ShaleItems
import ShaleTables
import Testing

struct SchemaRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout CreateTableRequest) -> Void
        var message: String

        init(
            _ description: String,
            _ message: String,
            _ change: @escaping @Sendable (inout CreateTableRequest) -> Void
        ) {
            testDescription = description
            self.change = change
            self.message = message
        }
    }

    static let cases: [Case] = [
        Case("short name", "at least 3 characters long") { $0.tableName = "ab" },
        Case("long name", "at most 255") { $0.tableName = String(repeating: "a", count: 256) },
        Case("space in name", "regular expression pattern") { $0.tableName = "a b c" },
        Case("letter outside ASCII", "regular expression pattern") { $0.tableName = "Söngs" },
        Case("no key", "Member must have length greater than or equal to 1") { $0.keySchema = [] },
        Case("sort key first", "first KeySchemaElement is not a HASH") {
            $0.keySchema[0].role = .sort
        },
        Case("two partition keys", "second KeySchemaElement is not a RANGE") {
            $0.keySchema[1].role = .partition
        },
        Case("one attribute twice in a key", "have the same name") {
            $0.keySchema[1].attributeName = "artist"
        },
        Case("key attribute without type", "not defined in AttributeDefinitions. Keys: [title]") {
            $0.attributeDefinitions.removeAll { $0.name == "title" }
        },
        Case("unused definition", "Some AttributeDefinitions are not used") {
            $0.attributeDefinitions.append(.string("other"))
        },
        Case("unused definition, no indexes", "does not exactly match") {
            $0.localSecondaryIndexes = []
            $0.globalSecondaryIndexes = []
        },
        Case("definition twice", "Duplicate AttributeName") {
            $0.attributeDefinitions.append(.string("artist"))
        },
        Case("throughput missing", "must both be specified") { $0.billingMode = nil },
        Case("throughput not wanted", "Neither ReadCapacityUnits nor WriteCapacityUnits") {
            $0.provisionedThroughput = .init(readCapacityUnits: 1, writeCapacityUnits: 1)
        },
        Case("throughput of zero", "greater than or equal to 1") {
            $0.billingMode = .provisioned
            $0.provisionedThroughput = .init(readCapacityUnits: 0, writeCapacityUnits: 1)
        },
        Case("index without throughput", "ProvisionedThroughput is not specified for index") {
            $0.billingMode = .provisioned
            $0.provisionedThroughput = .init(readCapacityUnits: 1, writeCapacityUnits: 1)
        },
        Case("index throughput not wanted", "should not be specified for index: ByTitle") {
            $0.globalSecondaryIndexes[1].provisionedThroughput =
                .init(readCapacityUnits: 1, writeCapacityUnits: 1)
        },
        Case("local index without sort key", "does not have a range key for index: ByYear") {
            $0.localSecondaryIndexes[0].keySchema.removeLast()
        },
        Case("local index on a table without sort key", "required when specifying a Local") {
            $0.keySchema.removeLast()
        },
        Case("local index with another partition key", "same leading hash key") {
            $0.localSecondaryIndexes[0].keySchema[0].attributeName = "genre"
        },
        Case("index name twice", "Duplicate index name: ByYear") {
            $0.globalSecondaryIndexes[0].indexName = "ByYear"
        },
        Case("six local indexes", "per-table limit of 5") { request in
            let index = request.localSecondaryIndexes[0]
            request.localSecondaryIndexes = (0..<6).map { number in
                var index = index
                index.indexName = "Index\(number)"
                return index
            }
        },
        Case("21 global indexes", "per-table limit of 20") { request in
            let index = request.globalSecondaryIndexes[0]
            request.globalSecondaryIndexes = (0..<21).map { number in
                var index = index
                index.indexName = "Index\(number)"
                return index
            }
        },
        Case("no projection", "Unknown ProjectionType: null") {
            $0.globalSecondaryIndexes[0].projection = nil
        },
        Case("INCLUDE of nothing", "NonKeyAttributes is not specified") {
            $0.globalSecondaryIndexes[0].projection = IndexProjection(.include)
        },
        Case("ALL with names", "NonKeyAttributes is specified") {
            $0.globalSecondaryIndexes[0].projection = IndexProjection(.all, nonKeyAttributes: ["a"])
        },
        Case("more than 100 projected attributes", "per-table limit of 100") { request in
            let index = request.globalSecondaryIndexes[0]
            request.globalSecondaryIndexes = (0..<6).map { number in
                var index = index
                index.indexName = "Index\(number)"
                index.projection = .include((0..<20).map { "a\($0)" })
                return index
            }
        },
    ]

    @Test(arguments: cases)
    func `a schema that breaks a rule is refused`(broken: Case) async throws {
        try await withDatabase { database in
            var request = Songs.request
            broken.change(&request)
            let asked = request
            let error = await failure { _ = try await database.createTable(asked) }
            #expect(error?.code == .validation)
            #expect(error?.message.contains(broken.message) == true, "\(error?.message ?? "none")")
            let names = try database.listTables().tableNames
            #expect(names.isEmpty)
        }
    }

    @Test func `a table is described as it was asked for`() async throws {
        try await withDatabase { database in
            let made = try await database.createTable(Songs.request)
            let described = try database.describeTable("Songs")
            #expect(made == described)
            #expect(described.status == .active)
            #expect(described.keySchema == Songs.request.keySchema)
            #expect(described.attributeDefinitions == Songs.request.attributeDefinitions)
            #expect(described.localSecondaryIndexes.map(\.indexName) == ["ByYear"])
            #expect(described.globalSecondaryIndexes.map(\.indexName) == ["ByGenre", "ByTitle"])
            #expect(described.globalSecondaryIndexes[0].projection == .include(["plays"]))
            #expect(described.tableID.utf8.count == 36)
        }
    }

    @Test func `a name is taken once and free again after deletion`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let error = await failure { _ = try await database.createTable(Songs.request) }
            #expect(error?.code == .resourceInUse)
            #expect(try await database.deleteTable("Songs").status == .deleting)
            let gone = await failure { _ = try database.describeTable("Songs") }
            #expect(gone?.message == "Requested resource not found: Table: Songs not found")
            _ = try await database.createTable(Songs.request)
        }
    }

    @Test func `names are listed in pages in the order of their bytes`() async throws {
        try await withDatabase { database in
            for name in ["bbb", "Zzz", "aaa", "a.c"] {
                var request = CreateTableRequest(
                    tableName: name,
                    attributeDefinitions: [.string("k")],
                    keySchema: [KeySchemaElement("k", .partition)]
                )
                request.billingMode = .payPerRequest
                _ = try await database.createTable(request)
            }
            let first = try database.listTables(limit: 2)
            #expect(first.tableNames == ["Zzz", "a.c"])
            #expect(first.lastEvaluatedTableName == "a.c")
            let second = try database.listTables(exclusiveStart: "a.c", limit: 2)
            #expect(second.tableNames == ["aaa", "bbb"])
            #expect(second.lastEvaluatedTableName == nil)
            #expect(try database.listTables(exclusiveStart: "aab").tableNames == ["bbb"])
            let error = await failure { _ = try database.listTables(limit: 101) }
            #expect(error?.code == .validation)
        }
    }

    @Test func `a protected table is not deleted`() async throws {
        try await withDatabase { database in
            var request = Songs.request
            request.deletionProtection = true
            _ = try await database.createTable(request)
            let error = await failure { _ = try await database.deleteTable("Songs") }
            #expect(error?.code == .validation)
            var update = UpdateTableRequest(tableName: "Songs")
            update.deletionProtection = false
            _ = try await database.updateTable(update)
            _ = try await database.deleteTable("Songs")
        }
    }
}
