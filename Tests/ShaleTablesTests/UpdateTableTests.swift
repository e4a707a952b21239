import ShaleEngine
import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Synchronization
import Testing

struct UpdateTableTests {
    static let added = SecondaryIndexDefinition(
        "ByPlays",
        keySchema: [KeySchemaElement("plays", .partition)],
        projection: .keysOnly
    )

    static var addIndex: UpdateTableRequest {
        var request = UpdateTableRequest(tableName: "Songs")
        request.attributeDefinitions = [.number("plays")]
        request.indexChanges = [.create(added)]
        return request
    }

    /// Waits until a table's indexes are all whole.
    static func waitForBackfill(_ database: Database) async throws {
        for task in database.backfills.withLock({ Array($0.values) }) { await task.value }
        #expect(try database.describeTable("Songs").status == .active)
    }

    static func byPlays(_ plays: Int) -> QueryRequest {
        songsQuery("plays = :p", [":p": .number(Number(plays))], index: "ByPlays")
    }

    @Test(arguments: [(19, DatabaseError.Code?.none), (20, .validation)])
    func `an added index counts against the projected attributes of its table`(
        last: Int,
        code: DatabaseError.Code?
    ) async throws {
        try await withDatabase { database in
            var table = Songs.request
            let index = table.globalSecondaryIndexes[0]
            table.globalSecondaryIndexes = [20, 20, 20, 20, last].enumerated().map { place, count in
                var index = index
                index.indexName = "Index\(place)"
                index.projection = .include((0..<count).map { "a\($0)" })
                return index
            }
            _ = try await database.createTable(table)
            var added = Self.added
            added.projection = .include(["b"])
            var request = Self.addIndex
            request.indexChanges = [.create(added)]
            let asked = request
            let error = await failure { _ = try await database.updateTable(asked) }
            #expect(error?.code == code, "\(error?.message ?? "none")")
        }
    }

    @Test func `a new index is filled with what was there, while others write`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            for number in 0..<1000 {
                try await database.put(Songs.song("Nina", "\(number)", plays: number % 10))
            }
            async let writer: Void = {
                for number in 0..<200 {
                    try await database.put(Songs.song("Nina", "\(number * 7)", plays: 3))
                    _ = try await database.deleteItem(
                        DeleteItemRequest(
                            tableName: "Songs",
                            key: Songs.key("Nina", "\(number * 5 + 1)")
                        )
                    )
                }
            }()
            let description = try await database.updateTable(Self.addIndex)
            #expect(description.status == .updating)
            #expect(description.globalSecondaryIndexes.last?.status == .creating)
            try await writer
            try await Self.waitForBackfill(database)
            let verified = try await database.verifyIndexes("Songs")
            #expect(verified.differences == [])
            var expected = 0
            for item in try await database.all(ScanRequest(tableName: "Songs"))
            where item["plays"] == 3 { expected += 1 }
            #expect(try await database.all(Self.byPlays(3)).count == expected)
        }
    }

    @Test func `a writer that does not know a new index leaves no entry of another behind`()
        async throws
    {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let table = try database.catalog.table("Songs")
            // A writer comes in, and is slow.
            let old = try table.enter()
            async let update = database.updateTable(Self.addIndex)
            while table.definition.index(named: "ByPlays") == nil { await Task.yield() }
            // Another one comes after the change, and is through before the first has begun.
            try await database.put(Songs.song("Nina", "Sinnerman", plays: 3))
            let slow = try ItemWrite.put(Songs.song("Nina", "Sinnerman", plays: 4), old)
            _ = try await database.engine.update(owning: [slow.owned], .synced) {
                view throws(EngineError) in
                try slow.decide(view)
            }
            table.leave(old)
            _ = try await update
            try await Self.waitForBackfill(database)
            #expect(try await database.verifyIndexes("Songs").differences == [])
            #expect(try await database.all(Self.byPlays(3)).isEmpty)
            #expect(try await database.all(Self.byPlays(4)).count == 1)
        }
    }

    @Test func `an index that was not filled at a close is filled after the next open`()
        async throws
    {
        try await withWorld { world in
            var database = try await Database.open("db", in: world)
            _ = try await database.createTable(Songs.request)
            for number in 0..<2000 {
                try await database.put(Songs.song("Nina", "\(number)", plays: number % 10))
            }
            _ = try await database.updateTable(Self.addIndex)
            try await database.close()
            database = try await Database.open("db", in: world)
            try await Self.waitForBackfill(database)
            #expect(try await database.all(Self.byPlays(3)).count == 200)
            try await database.close()
        }
    }

    @Test func `a deleted index is gone at once, and its name is free`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            try await database.put(Songs.song("Nina", "a", year: 1965, genre: "jazz", plays: 1))
            let tables = database.engine.tables.count
            var request = UpdateTableRequest(tableName: "Songs")
            request.indexChanges = [.delete(name: "ByGenre")]
            let description = try await database.updateTable(request)
            #expect(description.globalSecondaryIndexes.map(\.indexName) == ["ByTitle"])
            #expect(!description.attributeDefinitions.contains(.string("genre")))
            #expect(database.engine.tables.count == tables - 1)
            let again = await failure { [request] in _ = try await database.updateTable(request) }
            #expect(again?.code == .resourceNotFound)
            try await database.put(Songs.song("Nina", "b", year: 1965, genre: "jazz", plays: 1))
            request.indexChanges = [.create(Songs.request.globalSecondaryIndexes[0])]
            request.attributeDefinitions = [.string("genre"), .number("year")]
            _ = try await database.updateTable(request)
            try await Self.waitForBackfill(database)
            let found = try await database.all(
                songsQuery("genre = :g", [":g": "jazz"], index: "ByGenre")
            )
            #expect(found.count == 2)
        }
    }

    @Test(arguments: [
        ("nothing", "At least one of"), ("two", "Only 1 online index"),
        ("twice", "already exists"), ("throughput", "Neither ReadCapacityUnits"),
        ("redefined", "Cannot redefine"), ("provisioned", "must both be specified"),
    ])
    func `a change that cannot be is refused`(what: String, message: String) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var request = Self.addIndex
            switch what {
            case "nothing": request = UpdateTableRequest(tableName: "Songs")
            case "two": request.indexChanges.append(.delete(name: "ByGenre"))
            case "twice":
                request.indexChanges = [.create(Songs.request.globalSecondaryIndexes[0])]
            case "throughput":
                request.provisionedThroughput =
                    .init(readCapacityUnits: 1, writeCapacityUnits: 1)
            case "redefined": request.attributeDefinitions = [.string("year")]
            default: request.billingMode = .provisioned
            }
            let asked = request
            let before = try database.describeTable("Songs")
            let error = await failure { _ = try await database.updateTable(asked) }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
            #expect(try database.describeTable("Songs") == before)
        }
    }

    @Test func `billing changes both ways`() async throws {
        try await withDatabase { database in
            var create = Songs.request
            create.globalSecondaryIndexes = []
            create.attributeDefinitions.removeAll { $0.name == "genre" }
            _ = try await database.createTable(create)
            var request = UpdateTableRequest(tableName: "Songs")
            request.billingMode = .provisioned
            request.provisionedThroughput = .init(readCapacityUnits: 5, writeCapacityUnits: 6)
            let provisioned = try await database.updateTable(request)
            #expect(provisioned.billingMode == .provisioned)
            #expect(provisioned.provisionedThroughput == request.provisionedThroughput)
            #expect(provisioned.lastIncreaseMilliseconds != nil)
            let same = await failure { [request] in _ = try await database.updateTable(request) }
            #expect(same?.message.contains("will not change") == true)
            request.billingMode = .payPerRequest
            request.provisionedThroughput = nil
            let onDemand = try await database.updateTable(request)
            #expect(onDemand.provisionedThroughput.readCapacityUnits == 0)
        }
    }
}
