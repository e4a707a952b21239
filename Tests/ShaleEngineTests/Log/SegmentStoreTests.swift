import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

struct SegmentStoreTests {
    private func open(_ simulation: SimulatedWorld) throws -> (Engine, EngineTable) {
        let world = simulation.world
        return try simulation.runTask {
            let engine = try await Engine.open("db", EngineOptions(), in: world)
            return (engine, try await engine.createTable())
        }
    }

    private func write(_ engine: Engine, _ table: EngineTable, _ sort: String) async throws {
        var batch = WriteBatch()
        batch.put(table.id, table.key(partition: [1], sort: Array(sort.utf8)), [2])
        try await engine.write(batch)
    }

    @Test func `a segment that is asked for twice is prepared once`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let (engine, table) = try open(simulation)
        try simulation.runTask {
            for round in 0..<4 {
                // A writer without room asks, and so does the segment that was just started.
                engine.segments?.request(minimumCapacityBytes: 0)
                try await self.write(engine, table, "\(round)")
            }
            try await engine.close()
        }
        #expect(engine.manifest.state.segments.count <= 2)
    }

    @Test func `a prepared segment that is too small makes way for a larger one`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let (engine, table) = try open(simulation)
        try simulation.runTask {
            engine.segments?.request(minimumCapacityBytes: 3 * 1024 * 1024)
            try await self.write(engine, table, "small")
            var batch = WriteBatch()
            for index in 0..<6 {
                let key = table.key(partition: [1], sort: [UInt8(index)])
                batch.put(table.id, key, [UInt8](repeating: 7, count: 400 * 1024))
            }
            try await engine.write(batch)
            let last = table.key(partition: [1], sort: [5])
            let value = try await engine.read { view throws(EngineError) in
                try view.get(table.id, last)
            }
            #expect(value?.count == 400 * 1024)
            try await engine.close()
        }
    }

    @Test func `the large segments that are free become spares, not the small ones`() throws {
        let simulation = SimulatedWorld(seed: 3)
        var options = EngineOptions()
        options.logCapBytes = 64 * 1024 * 1024
        options.memoryBudgetBytes = 32 * 1024 * 1024
        let chosen = options
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", chosen, in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        try simulation.runTask {
            for round in 0..<250 {
                var batch = WriteBatch()
                let key = table.key(partition: [UInt8(round % 8)])
                batch.put(table.id, key, [UInt8](repeating: UInt8(round), count: 400 * 1024))
                try await engine.write(batch)
            }
            try await engine.flush()
        }
        let spares = engine.manifest.state.spares
        #expect(spares.values.max() == 16 * 1024 * 1024)
        let log = engine.statistics.logSizeBytes + engine.statistics.spareLogSizeBytes
        #expect(log <= chosen.logCapBytes)
        try simulation.runTask { try await engine.close() }
    }
}
