import ShaleCapacity
import ShaleEngine
import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Simulation
import Testing

/// Requests that find memory full of what no flush has written yet.
@Suite struct OverloadTests {
    private static func song(_ number: Int) -> Item {
        var song = Songs.song("Nina", "\(number)")
        song["text"] = .string(String(repeating: "x", count: 4_000))
        return song
    }

    /// A database whose flushes come seconds late, in full memory: the next write finds no room.
    private static func withFullMemory(
        _ body: @escaping @Sendable (Database, SimulatedWorld) async throws -> Void
    ) throws {
        let simulation = SimulatedWorld(seed: 11)
        var world = simulation.world
        world.scheduler = LateSteps(world.scheduler, .flush, by: .seconds(5))
        let late = world
        try simulation.runTask {
            var options = limited(.declared)
            options.engine.memoryBudgetBytes = 2 * 1024 * 1024
            options.longestWriteWait = .milliseconds(500)
            let database = try await Database.open("db", options, in: late)
            var request = Songs.request
            // Writes have limits of their own, far away.
            request.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 1_000_000)
            _ = try await database.createTable(request)
            let (count, error) = await database.drain { database in
                try await database.put(song(Int(simulation.time.monotonicNanoseconds % 1_000_000)))
            }
            #expect(count > 10)
            #expect(error?.code == .throttled)
            #expect(error?.message.contains("nothing was written") == true, "\(error as Any)")
            try await body(database, simulation)
            try await database.close()
        }
    }

    @Test func `a write is refused as throttled, costs nothing, and is taken later`() throws {
        try Self.withFullMemory { database, simulation in
            let gate = try #require(try database.catalog.table("Songs").gate)
            let before = gate.taken(.write, .table)
            let error = await failure { try await database.put(Self.song(-1)) }
            #expect(error?.code == .throttled)
            let transaction = TransactWriteItemsRequest([
                TransactWriteAction(tableName: "Songs", .put(Self.song(-2)))
            ])
            let refused = await failure { _ = try await database.transactWriteItems(transaction) }
            #expect(refused?.code == .throttled)
            #expect(gate.taken(.write, .table) == before)
            #expect(try await database.get(Songs.key("Nina", "-1")) == nil)
            var count = 0
            while await failure({ try await database.put(Self.song(-1)) }) != nil, count < 2_000 {
                count += 1
            }
            #expect(try await database.get(Songs.key("Nina", "-1")) != nil)
        }
    }

    @Test func `a batch of which nothing can be done is refused, and its statements are told`()
        throws
    {
        try Self.withFullMemory { database, _ in
            let batch = BatchWriteItemRequest([
                ("Songs", (-3 ... -1).map { .put(Self.song($0)) })
            ])
            let error = await failure { _ = try await database.batchWriteItem(batch) }
            #expect(error?.code == .throttled)
            let statement = "INSERT INTO Songs VALUE {'artist': 'Nina', 'title': 'new'}"
            let answers = try await database.batchExecuteStatement(
                BatchStatementRequest([.statement(StatementRequest(statement))])
            )
            #expect(answers.answers[0].error?.code == .throttled)
            #expect(try await database.get(Songs.key("Nina", "new")) == nil)
        }
    }
}
