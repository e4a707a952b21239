import ShaleCapacity
import ShaleItems
@testable import ShaleTables
import Testing

@Suite struct AdmittedBatchTests {
    static func writes(_ count: Int) -> BatchWriteItemRequest {
        BatchWriteItemRequest([("Songs", (0..<count).map { .put(Songs.song("Nina", "\($0)")) })])
    }

    static func keys(_ count: Int) -> BatchGetItemRequest {
        let keys = (0..<count).map { Songs.key("Nina", "\($0)") }
        return BatchGetItemRequest([("Songs", KeysAndAttributes(keys: keys))])
    }

    /// A table with 300 units less these.
    static func leave(_ units: Int, of database: Database) async throws {
        _ = try await database.createTable(Songs.provisioned())
        for _ in 0..<(300 - units) { try await database.put(Songs.song("Nina", "x")) }
        for _ in 0..<(600 - 2 * units) { _ = try await database.get(Songs.key("Nina", "x")) }
    }

    @Test func `what there is no capacity for is named as unprocessed`() async throws {
        try await withLimits { database, _ in
            try await Self.leave(10, of: database)
            let written = try await database.batchWriteItem(Self.writes(25))
            #expect(written.unprocessedItems.count == 1)
            #expect(
                written.unprocessedItems[0].writes
                    == (10..<25).map { .put(Songs.song("Nina", "\($0)")) }
            )
            let read = try await database.batchGetItem(Self.keys(25))
            #expect(read.responses[0].items.count == 10)
            #expect(
                read.unprocessedKeys[0].keys.keys
                    == (20..<25).map { Songs.key("Nina", "\($0)") }
            )
        }
    }

    @Test func `a batch of which nothing is done is refused`() async throws {
        try await withLimits { database, time in
            try await Self.leave(0, of: database)
            let write = await failure { _ = try await database.batchWriteItem(Self.writes(25)) }
            #expect(write?.code == .throughputExceeded)
            let read = await failure { _ = try await database.batchGetItem(Self.keys(25)) }
            #expect(read?.code == .throughputExceeded)
            // A table that has what another lacks is served.
            var other = Songs.request
            other.tableName = "Other"
            _ = try await database.createTable(other)
            let request = BatchWriteItemRequest([
                ("Songs", [.put(Songs.song("a", "b"))]), ("Other", [.put(Songs.song("a", "b"))]),
            ])
            let both = try await database.batchWriteItem(request)
            #expect(both.unprocessedItems.map(\.tableName) == ["Songs"])
            // A program's loop over a sequence goes on while there is anything.
            time.advance(seconds: 60)
            let songs = (0..<100).map { Songs.song("Nina", "\($0)") }
            let error = await failure { try await database.table("Songs").put(contentsOf: songs) }
            #expect(error?.code == .throughputExceeded)
        }
    }

    @Test func `a batch of statements tells each what it lacks`() async throws {
        try await withLimits { database, _ in
            try await Self.leave(2, of: database)
            func statements(_ text: (Int) -> String) -> BatchStatementRequest {
                BatchStatementRequest((0..<6).map { .statement(StatementRequest(text($0))) })
            }
            let inserts = try await database.batchExecuteStatement(
                statements { "INSERT INTO Songs VALUE {'artist': 'N', 'title': '\($0)'}" }
            )
            let isInserted = inserts.answers.map { $0.error == nil }
            #expect(isInserted == [true, true, false, false, false, false])
            #expect(inserts.answers[2].error?.code == .throughputExceeded)
            let selects = try await database.batchExecuteStatement(
                statements { "SELECT * FROM Songs WHERE artist = 'N' AND title = '\($0)'" }
            )
            let isRead = selects.answers.map { $0.error == nil }
            #expect(isRead == [true, true, true, true, false, false])
            #expect(selects.answers[5].error?.code == .throughputExceeded)
        }
    }

    @Test func `a transaction that lacks capacity takes none, and says which action lacked it`()
        async throws
    {
        try await withLimits { database, _ in
            try await Self.leave(3, of: database)
            func actions(_ count: Int) -> TransactWriteItemsRequest {
                TransactWriteItemsRequest(
                    (0..<count).map {
                        TransactWriteAction(tableName: "Songs", .put(Songs.song("t", "\($0)")))
                    }
                )
            }
            let error = await failure { _ = try await database.transactWriteItems(actions(3)) }
            #expect(error?.cancellationReasons?.map(\.code) == [.none, .none, .throughputExceeded])
            #expect(try await database.get(Songs.key("t", "0")) == nil)
            _ = try await database.transactWriteItems(actions(2))
        }
    }

    @Test func `items that expire cost their table nothing`() async throws {
        try await withStoppedWorld { world, time in
            let database = try await Database.open("db", limited(.declared), in: world)
            _ = try await database.createTable(Songs.provisioned(writes: 10))
            try await database.updateTimeToLive("Songs", attributeName: "expires", isEnabled: true)
            var song = Songs.song("Nina", "x", genre: "Soul")
            song["expires"] = .number(Number(time.wallMilliseconds / 1_000 + 5))
            try await database.put(song)
            let gate = try #require(try database.catalog.table("Songs").gate)
            let before = gate.taken(.write, .table)
            let indexBefore = gate.taken(.write, .index("ByGenre"))
            time.advance(seconds: 10)
            await database.keepHouse()
            #expect(gate.taken(.write, .table) == before)
            #expect(gate.taken(.write, .index("ByGenre")) == indexBefore)
            #expect(try await database.get(Songs.key("Nina", "x")) == nil)
            try await database.close()
        }
    }
}
