import ShaleEngine
import ShalePlatform
import Simulation

/// A small database in a simulated world, and what it must hold.
final class SmallLoad {
    let simulation: SimulatedWorld
    private var made: EngineTable?
    private(set) var model = EngineModel()
    private var generator: SimulatedGenerator
    var options = EngineOptions()

    init(_ simulation: SimulatedWorld, seed: UInt64) {
        self.simulation = simulation
        generator = SimulatedGenerator(seed: seed, stream: 5)
        options.memoryBudgetBytes = 1024 * 1024
        options.runFileSizeBytes = 32 * 1024
        options.logCapBytes = 4 * 1024 * 1024
        options.blockSizeBytes = 4096
        options.smallestBlobBytes = 150
    }

    /// The one table; there is one once the database was opened.
    var table: EngineTable {
        guard let made else { preconditionFailure("the database was opened") }
        return made
    }

    /// Opens the database, at first with one new table.
    func open() throws -> Engine {
        let (options, world, isNew) = (options, simulation.world, made == nil)
        let engine = try simulation.runTask { try await Engine.open("db", options, in: world) }
        if isNew { made = try simulation.runTask { try await engine.createTable() } }
        return engine
    }

    /// Writes so many batches, durably.
    func write(_ count: Int, _ engine: Engine, largestValue: Int = 200) throws {
        for _ in 0..<count {
            var batch = WriteBatch()
            for _ in 0...generator.below(3) {
                let place = EngineModel.place(&generator, keys: 400)
                let key = table.key(partition: place.partition, sort: place.sort)
                if generator.oneIn(5) {
                    batch.delete(table.id, key)
                    model.entries[place] = nil
                } else {
                    let value = (0..<generator.below(largestValue)).map { _ in
                        UInt8(truncatingIfNeeded: generator.next())
                    }
                    batch.put(table.id, key, value)
                    model.entries[place] = value
                }
            }
            let writes = batch
            try simulation.runTask { _ = try await engine.write(writes) }
        }
    }
}
