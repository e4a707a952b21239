import ShalePlatform
@testable import ShaleTables
import Synchronization

/// Clocks that go on only when they are told to.
final class StoppedTime: TimeSource {
    private let passed = Mutex<UInt64>(1_000_000_000)

    var monotonicNanoseconds: UInt64 { passed.withLock { $0 } }
    /// Began at noon UTC.
    var wallMilliseconds: Int64 {
        1_764_072_000_000 + Int64(passed.withLock { $0 } / 1_000_000)
    }

    func advance(seconds: Double) { passed.withLock { $0 += UInt64(seconds * 1e9) } }
}

/// Runs `body` on a database in memory with limits of capacity, whose clocks stand still.
func withLimits<Answer>(
    _ mode: CapacityMode = .declared,
    _ body: (Database, StoppedTime) async throws -> Answer
) async throws -> Answer {
    try await withStoppedWorld { world, time in
        let database = try await Database.open("db", limited(mode), in: world)
        let answer = try await body(database, time)
        try await database.close()
        return answer
    }
}

/// Options with limits; nothing comes by the clock unless a test does it.
func limited(_ mode: CapacityMode) -> DatabaseOptions {
    var options = DatabaseOptions()
    options.capacity = mode
    options.housekeepingInterval = .zero
    return options
}

func withStoppedWorld<Answer>(
    _ body: (World, StoppedTime) async throws -> Answer
) async throws -> Answer {
    var world = World.inMemory()
    defer { world.scheduler.shutDown() }
    let time = StoppedTime()
    world.time = time
    return try await body(world, time)
}

extension Songs {
    /// A provisioned table of songs, with so much for the table and each of its global indexes.
    static func provisioned(
        reads: Int = 1,
        writes: Int = 1,
        indexWrites: Int = 1_000,
        indexReads: Int = 1_000
    ) -> CreateTableRequest {
        var request = Songs.request
        request.billingMode = .provisioned
        request.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: reads,
            writeCapacityUnits: writes
        )
        for index in request.globalSecondaryIndexes.indices {
            request.globalSecondaryIndexes[index].provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: indexReads,
                writeCapacityUnits: indexWrites
            )
        }
        return request
    }
}

extension Database {
    /// Calls `body` until it throws, and answers how often it did not, and what it threw.
    func drain(
        most: Int = 2_000,
        _ body: (Database) async throws -> Void
    ) async -> (count: Int, error: DatabaseError?) {
        for count in 0..<most {
            if let error = await failure({ try await body(self) }) { return (count, error) }
        }
        return (most, nil)
    }
}
