import ShaleCapacity
import ShaleItems
@testable import ShaleTables
import Testing

/// Capacity of global indexes in batches and transactions, of their own maxima, and of key ranges and warmth in a database.
@Suite struct AdmittedIndexTests {
    private static func song(_ number: Int, genre: String? = nil) -> Item {
        Songs.song("Nina", "\(number)", year: number, genre: genre)
    }

    /// A table with 1,000 units, whose indexes have one, and 300 saved less these.
    private static func leave(_ units: Int, of database: Database) async throws {
        _ = try await database.createTable(Songs.provisioned(writes: 1_000, indexWrites: 1_000))
        _ = try await database.updateTable(
            {
                var request = UpdateTableRequest(tableName: "Songs")
                request.indexChanges = [
                    .update(
                        name: "ByGenre",
                        ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 1)
                    )
                ]
                return request
            }()
        )
        for number in 0..<(300 - units) {
            try await database.put(song(number, genre: "g"))
        }
    }

    private static let genreLacks = [
        ThrottlingReason(
            reason: "IndexWriteProvisionedThroughputExceeded",
            tableName: "Songs",
            indexName: "ByGenre"
        )
    ]

    @Test func `of a batch what changes an exhausted index is unprocessed, the rest is done`()
        async throws
    {
        try await withLimits { database, _ in
            try await Self.leave(3, of: database)
            let writes = (0..<20).map { number in
                Self.song(1_000 + number, genre: number.isMultiple(of: 2) ? "g" : nil)
            }
            let answer = try await database.batchWriteItem(
                BatchWriteItemRequest([("Songs", writes.map { .put($0) })])
            )
            let refused = writes.filter { $0["genre"] != nil }.dropFirst(3)
            #expect(answer.unprocessedItems.map(\.writes) == [refused.map { .put($0) }])
            for (number, song) in writes.enumerated() {
                let found = try await database.get(Songs.key("Nina", "\(1_000 + number)"))
                #expect((found == nil) == refused.contains(song))
            }
            let error = await failure {
                _ = try await database.batchWriteItem(
                    BatchWriteItemRequest([("Songs", [.put(Self.song(2_000, genre: "g"))])])
                )
            }
            #expect(error?.throttlingReasons == Self.genreLacks)
        }
    }

    @Test func `a transaction is cancelled by an exhausted index, which is named`()
        async throws
    {
        try await withLimits { database, _ in
            try await Self.leave(0, of: database)
            func transact(_ songs: [Item]) async throws(DatabaseError) {
                _ = try await database.transactWriteItems(
                    TransactWriteItemsRequest(
                        songs.map { TransactWriteAction(tableName: "Songs", .put($0)) }
                    )
                )
            }
            let taken = try database.catalog.table("Songs").gate?.taken(.write, .table)
            let error = await failure {
                try await transact([Self.song(1_000), Self.song(1_001, genre: "g")])
            }
            #expect(error?.cancellationReasons?.map(\.code) == [.none, .throughputExceeded])
            #expect(error?.throttlingReasons == Self.genreLacks)
            #expect(try await database.get(Songs.key("Nina", "1000")) == nil)
            #expect(try database.catalog.table("Songs").gate?.taken(.write, .table) == taken)
            try await transact([Self.song(1_000)])
        }
    }

    @Test func `a cancelled transaction charges no index that it would have written`()
        async throws
    {
        try await withLimits { database, _ in
            _ = try await database.createTable(Songs.provisioned(writes: 100))
            let gate = try #require(try database.catalog.table("Songs").gate)
            var refused = TransactWriteAction(tableName: "Songs", .put(Self.song(1)))
            refused.condition = "attribute_exists(artist)"
            let request = TransactWriteItemsRequest([
                TransactWriteAction(tableName: "Songs", .put(Self.song(0, genre: "g"))), refused,
            ])
            let error = await failure { _ = try await database.transactWriteItems(request) }
            #expect(
                error?.cancellationReasons?.map(\.code) == [.none, .conditionalCheckFailed]
            )
            #expect(gate.taken(.write, .table)?.value == 4)
            #expect(gate.taken(.write, .index("ByGenre"))?.value == 0)
            #expect(gate.taken(.write, .index("ByTitle"))?.value == 0)
        }
    }

    @Test func `an index is held to its own maximum, and its table goes on`() async throws {
        try await withLimits { database, time in
            var request = Songs.request
            request.globalSecondaryIndexes[0].onDemandThroughput = OnDemandThroughput(
                maxReadRequestUnits: 2,
                maxWriteRequestUnits: 5
            )
            _ = try await database.createTable(request)
            var number = 0
            let (count, error) = await database.drain { database in
                number += 1
                try await database.put(Self.song(number, genre: "g"))
            }
            #expect(count == 5)
            #expect(error?.code == .throttled)
            #expect(
                error?.throttlingReasons == [
                    ThrottlingReason(
                        reason: "IndexWriteMaxOnDemandThroughputExceeded",
                        tableName: "Songs",
                        indexName: "ByGenre"
                    )
                ]
            )
            for number in 100..<150 { try await database.put(Self.song(number)) }
            let query = songsQuery("genre = :g", [":g": "none"], index: "ByGenre")
            let (reads, refusal) = await database.drain { _ = try await $0.query(query) }
            #expect(reads == 4)
            #expect(
                refusal?.throttlingReasons?.map(\.reason) == [
                    "IndexReadMaxOnDemandThroughputExceeded"
                ]
            )
            time.advance(seconds: 1)
            #expect(await database.drain { _ = try await $0.query(query) }.count == 4)
        }
    }

    @Test func `with the service's limits a provisioned key has 3,000 reads a second`()
        async throws
    {
        try await withLimits(.service) { database, _ in
            _ = try await database.createTable(Songs.provisioned(reads: 100_000, writes: 1_000))
            var request = GetItemRequest(tableName: "Songs", key: Songs.key("a", "b"))
            request.consistentRead = true
            let get = request
            let (count, error) = await database.drain(most: 4_000) { _ = try await $0.getItem(get) }
            #expect(count == 3_000)
            #expect(error?.code == .throughputExceeded)
            #expect(
                error?.throttlingReasons?.map(\.reason) == ["TableReadKeyRangeThroughputExceeded"]
            )
            _ = try await database.get(Songs.key("c", "b"))
        }
    }

    // A key within its share is served until the table has overdrawn by a second: twice its rate at once. Two of so many keys may fall into one
    // range, the second of which is refused sooner.
    @Test(arguments: [(nil, 80), (5_000, 100)] as [(Int?, Int)])
    func `with the service's limits a table takes what it is warm for`(
        warm: Int?,
        puts: Int
    )
        async throws
    {
        try await withLimits(.service) { database, _ in
            var request = CreateTableRequest(
                tableName: "Plain",
                attributeDefinitions: [.string("pk")],
                keySchema: [KeySchemaElement("pk", .partition)]
            )
            request.billingMode = .payPerRequest
            request.warmThroughput = warm.map { WarmThroughput(writeUnitsPerSecond: $0) }
            _ = try await database.createTable(request)
            var count = 0
            var refusal: DatabaseError?
            for number in 0..<2 * puts {
                // 100 units each.
                let text = AttributeValue.string(String(repeating: "x", count: 102_300))
                let error = await failure {
                    try await database.put(["pk": .string("\(number)"), "t": text], in: "Plain")
                }
                if error == nil { count += 1 } else { refusal = error }
            }
            #expect(count == puts)
            #expect(refusal?.code == .throttled)
        }
    }

    @Test func `the embedded API has no limits unless asked`() {
        #expect(DatabaseOptions().capacity == .unlimited)
    }
}
