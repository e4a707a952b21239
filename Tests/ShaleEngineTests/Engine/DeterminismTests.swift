import ShaleEngine
import ShalePlatform
import Simulation
import Synchronization
import Testing

/// The whole engine on one thread from one seed.
struct DeterminismTests {
    /// Two writers, a flush, a compaction and a crash, then a reopening.
    /// - Returns: the hash of everything that happened, and what the database then holds.
    private func run(seed: UInt64) throws -> (hash: UInt64, contents: String) {
        let simulation = SimulatedWorld(seed: seed)
        var options = EngineOptions()
        options.memoryBudgetBytes = 256 * 1024
        options.runFileSizeBytes = 32 * 1024
        let acknowledged = Acknowledged()
        let first = options
        let engine = try simulation.runTask {
            try await Engine.open("db", first, in: simulation.world)
        }
        let table = try simulation.runTask { try await engine.createTable() }
        let writers = (0..<2).map { writer in
            simulation.startTask {
                var generator = SimulatedGenerator(seed: seed, stream: UInt64(writer))
                for round in 0..<200 {
                    try await write(writer, round, &generator, engine, table, acknowledged)
                }
            }
        }
        let background = simulation.startTask {
            try await engine.flush()
            try await engine.compact()
        }
        var generator = SimulatedGenerator(seed: seed, stream: 9)
        let limit = 100 + generator.below(300)
        try simulation.run(until: {
            acknowledged.count >= limit || writers.allSatisfy(\.isFinished)
        })
        _ = background.result
        simulation.crash(leftovers: .runIntoErrors)
        let again = try simulation.runTask {
            try await Engine.open("db", first, in: simulation.world)
        }
        let found = try simulation.runTask { try again.contents(of: table) }
        for (place, value) in acknowledged.entries {
            let isThere = found[place] == value
            try #require(isThere, "seed \(seed) lost \(place)")
        }
        try simulation.runTask { try await again.close() }
        return (simulation.traceHash, found.summary)
    }

    private func write(
        _ writer: Int,
        _ round: Int,
        _ generator: inout SimulatedGenerator,
        _ engine: Engine,
        _ table: EngineTable,
        _ acknowledged: Acknowledged
    ) async throws {
        let place = EngineModel.Place(
            partition: Array("w\(writer)".utf8),
            sort: Array("\(generator.below(50))-\(round)".utf8)
        )
        let value = EngineModel.value(&generator)
        var batch = WriteBatch()
        batch.put(table.id, table.key(partition: place.partition, sort: place.sort), value)
        try await engine.write(batch)
        acknowledged.add(place, value)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `one seed gives one history, and no acknowledged write is lost`(seed: UInt64) throws {
        let first = try run(seed: seed)
        let second = try run(seed: seed)
        #expect(first.hash == second.hash)
        #expect(first.contents == second.contents)
    }

    @Test func `two seeds give two histories`() throws {
        #expect(try run(seed: 1).hash != run(seed: 2).hash)
    }
}

/// What the writers were told.
final class Acknowledged: Sendable {
    private let state = Mutex<[EngineModel.Place: [UInt8]]>([:])

    func add(_ place: EngineModel.Place, _ value: [UInt8]) { state.withLock { $0[place] = value } }

    var count: Int { state.withLock { $0.count } }
    var entries: [EngineModel.Place: [UInt8]] { state.withLock { $0 } }
}
