import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Synchronization
import Testing

@Suite struct StreamSpaceTests {
    private static let budgetBytes = 4 * 1024 * 1024

    /// Options with a small budget; nothing comes by the clock unless a test does it.
    private static func options(_ budgetBytes: Int? = budgetBytes) -> DatabaseOptions {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        options.streamBudgetBytes = budgetBytes
        return options
    }

    private static func request(
        _ billing: BillingMode = .payPerRequest,
        hasStream: Bool = true
    ) -> CreateTableRequest {
        var request = CreateTableRequest(
            tableName: hasStream ? "Streamed" : "Plain",
            attributeDefinitions: [.string("id")],
            keySchema: [KeySchemaElement("id", .partition)]
        )
        request.billingMode = billing
        if billing == .provisioned {
            request.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 1,
                writeCapacityUnits: 1
            )
        }
        if hasStream { request.stream = StreamSpecification(isEnabled: true, viewType: .newImage) }
        return request
    }

    /// 100 KB that do not compress.
    private static let noise: [UInt8] = {
        var state: UInt64 = 1
        return (0..<100_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }()

    private static func item(_ number: Int) -> Item {
        ["id": .string("\(number)"), "data": .binary(noise)]
    }

    private static func key(_ number: Int) -> Item { ["id": .string("\(number)")] }

    /// Writes until a write is refused.
    private static func fill(_ database: Database) async -> (count: Int, error: DatabaseError?) {
        let count = Mutex(0)
        let refused = await database.drain { database in
            try await database.put(item(count.withLock { $0 }), in: "Streamed")
            count.withLock { $0 += 1 }
        }
        return (refused.count, refused.error)
    }

    @Test(arguments: [
        (BillingMode.payPerRequest, DatabaseError.Code.throttled),
        (.provisioned, .throughputExceeded),
    ])
    func `at the budget writes to tables with a stream are throttled, and nothing else`(
        billing: BillingMode,
        code: DatabaseError.Code
    ) async throws {
        try await withStoppedWorld { world, _ in
            let database = try await Database.open("db", Self.options(), in: world)
            _ = try await database.createTable(Self.request(billing))
            _ = try await database.createTable(Self.request(hasStream: false))
            let (count, error) = await Self.fill(database)
            #expect((30...45).contains(count))
            #expect(error?.code == code)
            #expect(error?.message.contains("disk budget of streams") == true)
            let reason = "TableWriteStreamBudgetExceeded"
            #expect(error?.throttlingReasons?.map(\.reason) == [reason])
            #expect(try await database.get(Self.key(count), in: "Streamed") == nil)
            let deletion = DeleteItemRequest(tableName: "Streamed", key: Self.key(0))
            #expect(await failure { _ = try await database.deleteItem(deletion) }?.code == code)
            // What makes no record, and what has no stream, is as ever.
            try await database.put(Self.item(0), in: "Streamed")
            try await database.put(Self.item(0), in: "Plain")
            #expect(try await database.get(Self.key(0), in: "Streamed") == Self.item(0))
            #expect(try await database.allRecords("Streamed").count == count)
            #expect(database.streamSpaceStatistics.throttledWrites == 2)
            try await database.close()
        }
    }

    @Test func `batches name what was not written, and transactions say why`() async throws {
        try await withStoppedWorld { world, _ in
            let database = try await Database.open("db", Self.options(), in: world)
            _ = try await database.createTable(Self.request())
            _ = try await database.createTable(Self.request(hasStream: false))
            let (count, _) = await Self.fill(database)
            let item = Self.item(count)
            let batch = try await database.batchWriteItem(
                BatchWriteItemRequest([("Streamed", [.put(item)]), ("Plain", [.put(item)])])
            )
            #expect(batch.unprocessedItems.map(\.tableName) == ["Streamed"])
            let transaction = TransactWriteItemsRequest([
                TransactWriteAction(tableName: "Plain", .delete(key: Self.key(count))),
                TransactWriteAction(tableName: "Streamed", .put(item)),
            ])
            let error = await failure { _ = try await database.transactWriteItems(transaction) }
            #expect(error?.cancellationReasons?.map(\.code) == [.none, .throttled])
            #expect(try await database.get(Self.key(count), in: "Plain") == item)
            try await database.close()
        }
    }

    @Test func `nothing is trimmed early, and when old records go writes are taken again`()
        async throws
    {
        try await withSteppedWorld { world, time in
            let events = Mutex<[String]>([])
            var options = Self.options()
            options.onEvent = { event in
                switch event {
                case .streamsFull: events.withLock { $0.append("full") }
                case .streamsHaveSpace: events.withLock { $0.append("space") }
                default: break
                }
            }
            let database = try await Database.open("db", options, in: world)
            _ = try await database.createTable(Self.request())
            let (count, _) = await Self.fill(database)
            try await database.flush()
            // Later records are in another generation, so that this one can go.
            time.advance(hours: 4)
            await database.keepHouse()
            #expect(events.withLock { $0 } == ["full"])
            time.advance(hours: 19)
            await database.keepHouse()
            #expect(try await database.allRecords("Streamed").count == count)
            let still = await failure { try await database.put(Self.item(count), in: "Streamed") }
            #expect(still?.code == .throttled)
            time.advance(hours: 6)
            await database.keepHouse()
            await database.keepHouse()
            #expect(events.withLock { $0 } == ["full", "space"])
            try await database.put(Self.item(count), in: "Streamed")
            #expect(try await database.allRecords("Streamed").count == 1)
            try await database.close()
        }
    }

    @Test func `what expires waits for space, and its record is not lost`() async throws {
        try await withSteppedWorld { world, time in
            let database = try await Database.open("db", Self.options(), in: world)
            _ = try await database.createTable(Self.request())
            _ = try await database.updateTimeToLive(
                "Streamed",
                attributeName: "until",
                isEnabled: true
            )
            let soon = time.seconds + 10
            let expiring: Item = ["id": .string("old"), "until": .number(Number(Int(soon)))]
            try await database.put(expiring, in: "Streamed")
            let (count, _) = await Self.fill(database)
            time.advance(seconds: 20)
            await database.keepHouse()
            #expect(try await database.get(["id": .string("old")], in: "Streamed") != nil)
            #expect(database.streamSpaceStatistics.throttledWrites == 1)
            time.advance(hours: 5)
            await database.keepHouse()
            time.advance(hours: 25)
            await database.keepHouse()
            await database.keepHouse()
            #expect(try await database.get(["id": .string("old")], in: "Streamed") == nil)
            #expect(try await database.allRecords("Streamed").map(\.isExpiry) == [true])
            #expect(count > 0)
            try await database.close()
        }
    }

    @Test func `a budget holds across a restart, and another is taken when one is chosen`()
        async throws
    {
        try await withStoppedWorld { world, _ in
            let database = try await Database.open("db", Self.options(), in: world)
            _ = try await database.createTable(Self.request())
            let (count, _) = await Self.fill(database)
            try await database.close()
            let again = try await Database.open("db", Self.options(), in: world)
            let error = await failure { try await again.put(Self.item(count), in: "Streamed") }
            #expect(error?.code == .throttled)
            try await again.close()
            let larger = try await Database.open("db", Self.options(1 << 30), in: world)
            try await larger.put(Self.item(count), in: "Streamed")
            #expect(larger.streamSpaceStatistics.throttledWrites == 0)
            try await larger.close()
        }
    }

    @Test func `without a budget it is half of what is free and of what records take`()
        async throws
    {
        var world = World.inMemory()
        world.files = MemoryFileSystem(capacityBytes: 64 << 20)
        defer { world.scheduler.shutDown() }
        let database = try await Database.open("db", Self.options(nil), in: world)
        let first = database.streamSpaceStatistics.budgetBytes
        #expect((25 << 20...32 << 20).contains(first))
        _ = try await database.createTable(Self.request())
        for number in 0..<40 { try await database.put(Self.item(number), in: "Streamed") }
        _ = try await database.close()
        let again = try await Database.open("db", Self.options(nil), in: world)
        let space = again.streamSpaceStatistics
        #expect(space.takenBytes > 3 << 20)
        #expect((first - (8 << 20)...first).contains(space.budgetBytes))
        try await again.close()
    }
}
