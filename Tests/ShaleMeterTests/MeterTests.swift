import ShaleEngine
import ShaleItems
import ShaleTables
import Synchronization
import Testing

@testable import ShaleMeter

struct MeterTests {
    private static func withMusic(
        _ body: (Database, Meter) async throws -> Void
    ) async throws {
        var options = DatabaseOptions()
        options.metersUsage = true
        let database = try await Database.inMemory(options)
        var request = CreateTableRequest(
            tableName: "Music",
            attributeDefinitions: [
                AttributeDefinition("Artist", .string), AttributeDefinition("Genre", .string),
            ],
            keySchema: [KeySchemaElement("Artist", .partition)]
        )
        request.billingMode = .payPerRequest
        request.globalSecondaryIndexes = [
            SecondaryIndexDefinition(
                "ByGenre",
                keySchema: [KeySchemaElement("Genre", .partition)],
                projection: .keysOnly
            )
        ]
        _ = try await database.createTable(request)
        try await body(database, try await Meter(database))
        try await database.close()
    }

    /// All hours of today and yesterday, added up by name.
    private static func counted(_ database: Database) async throws -> [String: UsageCount] {
        let today = database.wallMilliseconds / 86_400_000
        var counts: [String: UsageCount] = [:]
        for hour in try await database.usageHours(of: (today - 1)...today) {
            let name = hour.tableName + (hour.indexName.map { "/\($0)" } ?? "")
            counts[name] = (counts[name] ?? UsageCount()) + hour.count
        }
        return counts
    }

    private static let item: Item = [
        "Artist": "Nina Simone", "Genre": "jazz",
        "Notes": .string(String(repeating: "x", count: 1500)),
    ]

    @Test func `requests count what they cost, of the table and of its index`() async throws {
        try await Self.withMusic { database, meter in
            let put = PutItemRequest(tableName: "Music", item: Self.item)
            _ = try await database.putItem(put)
            var again = put
            again.options.condition = "attribute_not_exists(Artist)"
            await #expect(throws: DatabaseError.self) { try await database.putItem(again) }
            var get = GetItemRequest(tableName: "Music", key: ["Artist": "Nina Simone"])
            get.consistentRead = true
            _ = try await database.getItem(get)
            try await meter.fold()
            // Two units for 1.5 KB, as many for the condition that failed, one for the read; one for the index entry.
            let counts = try await Self.counted(database)
            #expect(counts["Music"]?.writeHalves == 8)
            #expect(counts["Music"]?.readHalves == 2)
            #expect(counts["Music/ByGenre"]?.writeHalves == 2)
        }
    }

    @Test func `nothing is counted twice, and a table that is gone is counted once`() async throws {
        try await Self.withMusic { database, meter in
            _ = try await database.putItem(PutItemRequest(tableName: "Music", item: Self.item))
            try await meter.fold()
            try await meter.fold()
            #expect(try await Self.counted(database)["Music"]?.writeHalves == 4)
            _ = try await database.putItem(PutItemRequest(tableName: "Music", item: Self.item))
            _ = try await database.deleteTable("Music")
            try await meter.fold()
            try await meter.fold()
            #expect(try await Self.counted(database)["Music"]?.writeHalves == 8)
        }
    }

    @Test func `what functions use is added to the hour once, also behind a restart`() async throws
    {
        try await Self.withMusic { database, _ in
            let used = Mutex(FunctionUse(name: "f", requests: 2, megabyteMilliseconds: 300))
            let meter = try await Meter(database) { used.withLock { [$0] } }
            try await meter.fold()
            try await meter.fold()
            used.withLock { $0.requests = 5 }
            try await meter.fold()
            // Another program counts from nothing.
            used.withLock { $0 = FunctionUse(name: "f", requests: 1, megabyteMilliseconds: 7) }
            try await Meter(database) { used.withLock { [$0] } }.fold()
            let today = database.wallMilliseconds / 86_400_000
            let hours = try await database.usageHours(of: (today - 1)...today)
            let mine = hours.filter { $0.functionName == "f" }
            #expect(mine.reduce(0) { $0 + $1.requests } == 6)
            #expect(mine.reduce(0) { $0 + $1.megabyteMilliseconds } == 307)
        }
    }

    private static func update(
        _ database: Database,
        _ change: UpdateTableRequest.IndexChange
    ) async throws {
        var request = UpdateTableRequest(tableName: "Music")
        request.attributeDefinitions = [AttributeDefinition("Genre", .string)]
        request.indexChanges = [change]
        _ = try await database.updateTable(request)
    }

    private static let byGenre = SecondaryIndexDefinition(
        "ByGenre",
        keySchema: [KeySchemaElement("Genre", .partition)],
        projection: .keysOnly
    )

    @Test(arguments: [true, false])
    func `an index that is dropped and made again is metered once, its last minute too`(
        isFoldedBetween: Bool
    ) async throws {
        try await Self.withMusic { database, meter in
            func put(_ artist: String) async throws {
                let item: Item = ["Artist": .string(artist), "Genre": "jazz"]
                _ = try await database.putItem(PutItemRequest(tableName: "Music", item: item))
            }
            try await put("Nina Simone")
            try await meter.fold()
            try await put("Ella Fitzgerald")
            try await Self.update(database, .delete(name: "ByGenre"))
            if isFoldedBetween {
                try await meter.fold()
                #expect(try await Self.counted(database)["Music/ByGenre"]?.writeHalves == 4)
            }
            try await Self.update(database, .create(Self.byGenre))
            try await meter.fold()
            #expect(try await Self.counted(database)["Music/ByGenre"]?.writeHalves == 4)
            try await put("Miles Davis")
            try await meter.fold()
            try await meter.fold()
            #expect(try await Self.counted(database)["Music/ByGenre"]?.writeHalves == 6)
            #expect(try await Self.counted(database)["Music"]?.writeHalves == 6)
        }
    }

    @Test func `of a folding that is written in part nothing is counted twice, and nothing lost`()
        async throws
    {
        try await Self.withMusic { database, _ in
            let tries = Mutex(0)
            let uses = Mutex([FunctionUse]())
            let meter = try await Meter(
                database,
                functions: { uses.withLock { $0 } },
                writeRecord: { (table, hours) throws(DatabaseError) in
                    let number = tries.withLock { tries in
                        tries += 1
                        return tries
                    }
                    guard number != 2 else { throw DatabaseError(.internalFailure, "No space.") }
                    try await table.write(putting: hours, .buffered)
                }
            )
            let count = Meter.hoursPerRecord + 10
            uses.withLock { uses in
                uses = (0..<count).map {
                    FunctionUse(name: "f\($0)", requests: 1, megabyteMilliseconds: 2)
                }
            }
            _ = try await database.putItem(PutItemRequest(tableName: "Music", item: Self.item))
            await #expect(throws: DatabaseError.self) { try await meter.fold() }
            uses.withLock { $0[0].requests = 3 }
            _ = try await database.putItem(PutItemRequest(tableName: "Music", item: Self.item))
            try await meter.fold()
            let today = database.wallMilliseconds / 86_400_000
            let hours = try await database.usageHours(of: (today - 1)...today)
            #expect(hours.reduce(0) { $0 + $1.requests } == count + 2)
            #expect(hours.reduce(0) { $0 + $1.megabyteMilliseconds } == 2 * count)
            #expect(try await Self.counted(database)["Music"]?.writeHalves == 8)
        }
    }

    @Test func `what is stored has the service's overhead, and only backups that users made count`()
        async throws
    {
        try await Self.withMusic { database, _ in
            _ = try await database.putItem(PutItemRequest(tableName: "Music", item: Self.item))
            let table = try database.describeTable("Music")
            let index = try #require(table.globalSecondaryIndexes.first)
            let sizes = database.usage().there.map(\.sizeBytes)
            #expect(sizes == [table.sizeBytes + 100, index.sizeBytes + 100])
            _ = try await database.createBackup("Music", name: "mine")
            #expect(database.backupBytes() == ["Music": table.sizeBytes + 100])
            _ = try await database.updateContinuousBackups("Music", recoveryDays: 35)
            _ = try await database.deleteTable("Music")
            #expect(database.backupBytes() == ["Music": table.sizeBytes + 100])
        }
    }

    @Test func `the meter's own table is in no list`() async throws {
        try await Self.withMusic { database, meter in
            try await meter.fold()
            #expect(try database.listTables().tableNames == ["Music"])
        }
    }
}
