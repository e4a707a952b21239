import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// A disk that is full for a while.
struct FullDiskTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `writes get a typed error, reads go on, and it resumes when there is space`(
        seed: UInt64
    ) throws {
        let simulation = SimulatedWorld(seed: seed)
        var options = EngineOptions()
        options.memoryBudgetBytes = 512 * 1024
        let chosen = options
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", chosen, in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        simulation.disk.setCapacity(bytes: 6 * 1024 * 1024)
        var written = 0
        var failure: EngineError?
        while failure == nil, written < 20_000 {
            let result = write(simulation, engine, table, written)
            switch result {
            case .success: written += 1
            case .failure(let error): failure = error
            }
        }
        #expect(failure?.code == .diskFull)
        try expectAll(simulation, engine, table, written)
        simulation.disk.setCapacity(bytes: nil)
        try simulation.scheduler.run(for: .seconds(5))
        for _ in 0..<10 {
            try write(simulation, engine, table, written).get()
            written += 1
        }
        try expectAll(simulation, engine, table, written)
        simulation.crash(leftovers: .runIntoErrors)
        let after = simulation.world
        let again = try simulation.runTask { try await Engine.open("db", chosen, in: after) }
        try expectAll(simulation, again, table, written)
    }

    private func write(
        _ simulation: SimulatedWorld,
        _ engine: Engine,
        _ table: EngineTable,
        _ index: Int
    ) -> Result<Void, EngineError> {
        let name = Array("\(index)".utf8)
        // Bytes that no compression makes smaller.
        var generator = SimulatedGenerator(seed: UInt64(index))
        let value = (0..<1_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var batch = WriteBatch()
        batch.put(table.id, table.key(partition: name), value)
        let whole = batch
        do {
            return try simulation.runTask {
                do throws(EngineError) {
                    try await engine.write(whole)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            return .failure(EngineError(.inputOutput, "\(error)"))
        }
    }

    private func expectAll(
        _ simulation: SimulatedWorld,
        _ engine: Engine,
        _ table: EngineTable,
        _ count: Int
    ) throws {
        let found = try simulation.runTask { try engine.contents(of: table) }
        let names = Set(found.keys.map { String(decoding: $0.partition, as: UTF8.self) })
        let missing = (0..<count).filter { !names.contains("\($0)") }
        #expect(missing.isEmpty)
    }
}
