import ShaleCapacity
import ShaleItems
@testable import ShaleTables
import Testing

@Suite struct AdmissionTests {
    /// Every way to read or write an item, with what it costs at least.
    enum Path: String, CaseIterable, Sendable {
        case get, consistentGet, query, scan, localQuery, select, transactGet
        case put, update, delete, insert, transactWrite, borrow, blockingBorrow

        var isRead: Bool {
            switch self {
            case .get, .consistentGet, .query, .scan, .localQuery, .select, .transactGet, .borrow,
                .blockingBorrow:
                true
            default: false
            }
        }

        /// How many of them 300 units allow.
        var count: Int {
            switch self {
            case .get, .query, .scan, .localQuery, .select: 600
            case .transactGet, .transactWrite: 150
            default: 300
            }
        }

        func run(_ database: Database, _ number: Int) async throws {
            let key = Songs.key("Nina", "\(number)")
            switch self {
            case .get: _ = try await database.get(key)
            case .consistentGet:
                var request = GetItemRequest(tableName: "Songs", key: key)
                request.consistentRead = true
                _ = try await database.getItem(request)
            case .query: _ = try await database.query(songsQuery("artist = :a", [":a": "Nina"]))
            case .localQuery:
                _ = try await database.query(
                    songsQuery("artist = :a", [":a": "Nina"], index: "ByYear")
                )
            case .scan: _ = try await database.scan(ScanRequest(tableName: "Songs"))
            case .select:
                _ = try await database.executeStatement(
                    StatementRequest("SELECT * FROM Songs WHERE artist = 'Nina' AND title = 'x'")
                )
            case .transactGet:
                _ = try await database.transactGetItems(
                    TransactGetItemsRequest([TransactGet(tableName: "Songs", key: key)])
                )
            case .put: try await database.put(Songs.song("Nina", "\(number)"))
            case .update:
                _ = try await database.updateItem(
                    UpdateItemRequest(tableName: "Songs", key: key, update: "SET x = title")
                )
            case .delete:
                _ = try await database.deleteItem(DeleteItemRequest(tableName: "Songs", key: key))
            case .insert:
                _ = try await database.executeStatement(
                    StatementRequest(
                        "INSERT INTO Songs VALUE {'artist': 'Nina', 'title': '\(number)'}"
                    )
                )
            case .transactWrite:
                _ = try await database.transactWriteItems(
                    TransactWriteItemsRequest([
                        TransactWriteAction(tableName: "Songs", .put(Songs.song("a", "\(number)")))
                    ])
                )
            case .borrow: _ = try await database.table("Songs").withItem(key) { $0.count }
            case .blockingBorrow:
                _ = try database.table("Songs").withItemBlocking(key) { $0.count }
            }
        }
    }

    @Test(arguments: Path.allCases)
    func `every way to an item draws on the table, and gets its rate when the burst is over`(
        path: Path
    ) async throws {
        try await withLimits { database, time in
            _ = try await database.createTable(
                Songs.provisioned(indexWrites: 100_000, indexReads: 100_000)
            )
            var number = 0
            func call(_ database: Database) async throws {
                number += 1
                try await path.run(database, number)
            }
            let (count, error) = await database.drain(call)
            #expect(count == path.count)
            let reason = ThrottlingReason(
                reason: path.isRead
                    ? "TableReadProvisionedThroughputExceeded"
                    : "TableWriteProvisionedThroughputExceeded",
                tableName: "Songs"
            )
            #expect(error?.throttlingReasons == [reason])
            let isTransaction = path == .transactGet || path == .transactWrite
            #expect(error?.code == (isTransaction ? .transactionCanceled : .throughputExceeded))
            if isTransaction {
                #expect(error?.cancellationReasons?.map(\.code) == [.throughputExceeded])
            }
            // Ten seconds later there is what gathered in them.
            time.advance(seconds: 10)
            #expect(await database.drain(call).count == path.count / 30)
        }
    }

    @Test func `items cost by their size, and what they cost is paid back before the next`()
        async throws
    {
        try await withLimits { database, time in
            _ = try await database.createTable(Songs.provisioned(writes: 10))
            var song = Songs.song("Nina", "Sinnerman")
            song["text"] = .string(String(repeating: "x", count: 300_000))
            // 293 units each: 11 of them overdraw 3,000 by 223.
            #expect(await database.drain { try await $0.put(song) }.count == 11)
            time.advance(seconds: 22)
            #expect(await database.drain { try await $0.put(song) }.count == 0)
            time.advance(seconds: 2)
            #expect(await database.drain { try await $0.put(song) }.count == 1)
        }
    }

    @Test func `large items that come at once overdraw by one of them, not by all`() async throws {
        try await withLimits { database, _ in
            _ = try await database.createTable(Songs.provisioned(writes: 1))
            var song = Songs.song("Nina", "Sinnerman")
            song["text"] = .string(String(repeating: "x", count: 300_000))
            let large = song
            let admitted = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        var song = large
                        song["title"] = .string("\(number)")
                        let new = song
                        return await failure { try await database.put(new) } == nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            // 293 units each, and 300 are there.
            #expect(admitted == 2)
        }
    }

    @Test func `a write whose condition fails costs as much`() async throws {
        try await withLimits { database, _ in
            _ = try await database.createTable(Songs.provisioned(writes: 1))
            var song = Songs.song("Nina", "Sinnerman")
            song["text"] = .string(String(repeating: "x", count: 10_000))
            try await database.put(song)
            var options = WriteOptions()
            options.condition = "attribute_not_exists(artist)"
            let request = PutItemRequest(
                tableName: "Songs",
                item: Songs.key("Nina", "Sinnerman"),
                options: options
            )
            var failed = 0
            while true {
                let error = await failure { _ = try await database.putItem(request) }
                guard error?.code == .conditionalCheckFailed else {
                    #expect(error?.code == .throughputExceeded)
                    break
                }
                failed += 1
            }
            // 10 units each of the 290 that are left.
            #expect(failed == 29)
        }
    }

    @Test func `an index without capacity throttles the writes that change it, and no others`()
        async throws
    {
        try await withLimits { database, _ in
            _ = try await database.createTable(Songs.provisioned(writes: 1_000, indexWrites: 1))
            var number = 0
            let (count, error) = await database.drain { database in
                number += 1
                // Only ByGenre has them twice: each takes its old entry out.
                try await database.put(Songs.song("Nina", "x", year: number, genre: "g\(number)"))
            }
            #expect(count == 151)
            #expect(
                error?.throttlingReasons == [
                    ThrottlingReason(
                        reason: "IndexWriteProvisionedThroughputExceeded",
                        tableName: "Songs",
                        indexName: "ByGenre"
                    )
                ]
            )
            #expect(error?.message.contains("one or more global secondary indexes") == true)
            // What changes no index goes on; the refused write changed nothing and cost nothing.
            let item = try await database.get(Songs.key("Nina", "x"))
            #expect(item?["genre"] == "g151")
            let gate = try database.catalog.table("Songs").gate
            // The table pays for its local index too, in which the entry moves each time.
            #expect(gate?.taken(.write, .table)?.value == 452)
            #expect(gate?.taken(.write, .index("ByGenre"))?.value == 301)
            #expect(gate?.taken(.write, .index("ByTitle"))?.value == 151)
        }
    }

    @Test func `what a global index is read for it pays itself`() async throws {
        try await withLimits { database, _ in
            _ = try await database.createTable(Songs.provisioned(indexReads: 1))
            let request = songsQuery("genre = :g", [":g": "Soul"], index: "ByGenre")
            let (count, error) = await database.drain { _ = try await $0.query(request) }
            #expect(count == 600)
            #expect(error?.throttlingReasons?.first?.indexName == "ByGenre")
            _ = try await database.get(Songs.key("Nina", "Sinnerman"))
        }
    }

    @Test func `without limits nothing is asked`() async throws {
        for mode in [CapacityMode.unlimited, .declared] {
            try await withLimits(mode) { database, _ in
                _ = try await database.createTable(
                    mode == .unlimited ? Songs.provisioned() : Songs.request
                )
                #expect(try database.catalog.table("Songs").version.gate == nil)
                for number in 0..<400 { try await database.put(Songs.song("Nina", "\(number)")) }
            }
        }
    }

    @Test func `a table paid by request is held to its maximum`() async throws {
        try await withLimits { database, time in
            var request = Songs.request
            request.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 5)
            _ = try await database.createTable(request)
            let (count, error) = await database.drain { try await $0.put(Songs.song("a", "b")) }
            #expect(count == 5)
            #expect(error?.code == .throttled)
            #expect(
                error?.throttlingReasons?.first?.reason
                    == "TableWriteMaxOnDemandThroughputExceeded"
            )
            let transaction = TransactWriteItemsRequest([
                TransactWriteAction(tableName: "Songs", .put(Songs.song("a", "c"))),
                TransactWriteAction(tableName: "Songs", .put(Songs.song("a", "d"))),
            ])
            let canceled = await failure { _ = try await database.transactWriteItems(transaction) }
            #expect(canceled?.cancellationReasons?.map(\.code) == [.throttled, .throttled])
            time.advance(seconds: 1)
            #expect(await database.drain { try await $0.put(Songs.song("a", "b")) }.count == 5)
            for _ in 0..<100 { _ = try await database.get(Songs.key("a", "b")) }
        }
    }

    @Test func `with the service's limits a hot key has no more than 1,000 units a second`()
        async throws
    {
        try await withLimits(.service) { database, _ in
            _ = try await database.createTable(Songs.request)
            let (count, error) = await database.drain { try await $0.put(Songs.song("a", "b")) }
            #expect(count == 1_000)
            #expect(error?.code == .throttled)
            #expect(
                error?.throttlingReasons?.map(\.reason) == ["TableWriteKeyRangeThroughputExceeded"]
            )
            try await database.put(Songs.song("c", "b"))
        }
    }
}
