import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// An update that finds nothing to change is an answer like others: what it says survives what it must.
struct EmptyUpdateTests {
    /// Writes a value in one class, looks at it with an update of another class that writes nothing, and cuts the power.
    ///
    /// - Returns: what is there afterwards.
    private static func valueAfter(
        _ simulation: SimulatedWorld,
        written: Durability,
        looked: Durability
    ) throws -> [UInt8]? {
        let key: [UInt8] = [1, 2, 3]
        let engine = try simulation.runTask { [world = simulation.world] in
            try await Engine.open("db", EngineOptions(), in: world)
        }
        let table = try simulation.runTask { try await engine.createTable() }
        let owned = OwnedKey(table.id, table.key(partition: key))
        let seen = try simulation.runTask {
            var batch = WriteBatch()
            batch.put(table.id, owned.key, [7])
            try await engine.write(batch, written)
            return try await engine.update(owning: [owned], looked) { view throws(EngineError) in
                (WriteBatch(), try view.get(table.id, owned.key))
            }
        }
        #expect(seen == [7])
        simulation.crash(.dropUnsynced, leftovers: .runIntoErrors)
        let again = try simulation.runTask { [world = simulation.world] in
            try await Engine.open("db", EngineOptions(), in: world)
        }
        let found = try simulation.runTask {
            try await again.read { view throws(EngineError) in
                try view.get(table.id, owned.key)
            }
        }
        try simulation.runTask { try await again.close() }
        return found
    }

    @Test(arguments: [
        (Durability.buffered, Durability.synced, true),
        (.synced, .synced, true),
        (.synced, .buffered, true),
        (.buffered, .buffered, false),
    ])
    func `what a synced update has seen survives the loss of power`(
        written: Durability,
        looked: Durability,
        survives: Bool
    ) throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let simulation = SimulatedWorld(seed: seed)
            let found = try Self.valueAfter(simulation, written: written, looked: looked)
            #expect(found == (survives ? [7] : nil), "seed \(seed)")
        }
    }
}
