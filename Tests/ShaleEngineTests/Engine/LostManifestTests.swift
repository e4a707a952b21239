import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// Damage at the end of manifest and log, where a crash may have torn: who is to blame, and when it is proven.
struct LostManifestTests {
    /// A database that a crash ended before any mark was written, with writes to its last table.
    private func crashed() throws -> SimulatedWorld {
        let simulation = SimulatedWorld(seed: 5)
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        for _ in 0..<2 {
            try simulation.runTask {
                let table = try await engine.createTable()
                var batch = WriteBatch()
                batch.put(table.id, table.key(partition: [1]), [1, 2, 3])
                _ = try await engine.write(batch)
            }
        }
        simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        return simulation
    }

    private func openingError(_ simulation: SimulatedWorld) -> EngineError? {
        #expect(throws: EngineError.self) {
            try Engine.openBlocking("db", access: .readOnly, in: simulation.world).abandon()
        }
    }

    @Test func `a manifest that has forgotten a table with writes in the log is refused`() throws {
        let simulation = try crashed()
        // The last group is the table's.
        let end = try simulation.disk.contents("db/MANIFEST").count
        try simulation.disk.damage("db/MANIFEST", at: end - 1, flipping: 4)
        let error = openingError(simulation)
        #expect(error?.code == .corrupted && error?.file == "MANIFEST")
        #expect(error?.offset.map { $0 < end } ?? false)
    }

    /// Segments of the log that hold some, the oldest first.
    private func started(_ simulation: SimulatedWorld) throws -> [String] {
        let names = try simulation.files.list("db").filter { $0.hasSuffix(".log") }
        let found = try names.compactMap { name in
            try FileInspector.witness(of: "db/\(name)", in: simulation.files).map { (name, $0) }
        }
        return found.sorted { $0.1.base < $1.1.base }.map(\.0)
    }

    @Test func `a damaged header page is named itself, though a freed segment lies about`() throws {
        let simulation = try crashed()
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        let log = try started(simulation)
        try #require(log.count == 2)
        let old = try simulation.disk.contents("db/\(log[0])")
        try simulation.runTask { try await engine.flush() }
        // Another flush lets go of what is before it.
        try simulation.runTask {
            var batch = WriteBatch()
            batch.put(engine.tables[0].id, engine.tables[0].key(partition: [2]), [4])
            _ = try await engine.write(batch)
            try await engine.flush()
        }
        simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        simulation.disk.place("db/\(log[0])", old)
        try simulation.disk.damage("db/\(log[1])", at: 100, flipping: 1)
        let error = openingError(simulation)
        #expect(error?.code == .corrupted && error?.file == log[1] && error?.offset == 0)
    }
}
