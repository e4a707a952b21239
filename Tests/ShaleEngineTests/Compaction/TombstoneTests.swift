import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// What was deleted goes from the disk: soon if it is much, and in bounded time if it is little.
struct TombstoneTests {
    private let simulation = SimulatedWorld(seed: 11)

    private func open() throws -> (Engine, EngineTable) {
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        return (engine, try simulation.runTask { try await engine.createTable() })
    }

    /// Writes or deletes the items of one partition key with these numbers.
    private func change(
        _ engine: Engine,
        _ table: EngineTable,
        _ numbers: [Int],
        deletes: Bool
    ) throws {
        var batch = WriteBatch()
        for number in numbers {
            let key = table.key(partition: Array("p".utf8), sort: Array("\(number)".utf8))
            if deletes {
                batch.delete(table.id, key)
            } else {
                batch.put(table.id, key, Array("value \(number)".utf8))
            }
        }
        let whole = batch
        try simulation.runTask { _ = try await engine.write(whole) }
    }

    private func tombstones(_ engine: Engine) -> Int {
        engine.statistics.partitions.reduce(0) { $0 + $1.tombstoneCount }
    }

    private func entries(_ engine: Engine) -> Int {
        engine.statistics.partitions.reduce(0) { $0 + $1.entryCount }
    }

    @Test func `many deleted items are gone after one pass`() throws {
        let (engine, table) = try open()
        try change(engine, table, Array(0..<20_000), deletes: false)
        try simulation.runTask { try await engine.flush() }
        try change(engine, table, Array(0..<19_900), deletes: true)
        try simulation.runTask { try await engine.flush() }
        try simulation.scheduler.run(for: .seconds(10))
        #expect(tombstones(engine) == 0)
        #expect(entries(engine) == 100)
        #expect(try simulation.runTask { try engine.contents(of: table).count } == 100)
        try simulation.runTask { try await engine.close() }
    }

    @Test func `a few deleted items are gone after their deadline, on an idle database`() throws {
        let (first, table) = try open()
        try change(first, table, Array(0..<5_000), deletes: false)
        try simulation.runTask { try await first.close() }
        // Opened anew, what is loaded gives no reason to settle at once.
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        try change(engine, table, [1, 2, 3], deletes: true)
        try simulation.runTask { try await engine.flush() }
        try simulation.scheduler.run(for: .seconds(60))
        #expect(tombstones(engine) == 3)
        try simulation.scheduler.run(for: .seconds(3 * 3_600))
        #expect(tombstones(engine) == 0)
        #expect(entries(engine) == 4_997)
        try simulation.runTask { try await engine.close() }
    }

    @Test func `deleted items that are only in memory are gone after their deadline too`() throws {
        let (engine, table) = try open()
        try change(engine, table, Array(0..<5_000), deletes: false)
        try simulation.runTask { try await engine.flush() }
        try change(engine, table, [1, 2, 3], deletes: true)
        try simulation.scheduler.run(for: .seconds(4 * 3_600))
        #expect(tombstones(engine) == 0)
        #expect(entries(engine) == 4_997)
        try simulation.runTask { try await engine.close() }
    }

    @Test func `an idle database comes to rest`() throws {
        let (engine, table) = try open()
        try change(engine, table, Array(0..<10), deletes: false)
        try simulation.scheduler.run(for: .seconds(10 * 3_600))
        let written = engine.statistics.flushedBytes + engine.statistics.compactedBytes
        try simulation.scheduler.run(for: .seconds(100 * 3_600))
        #expect(engine.statistics.flushedBytes + engine.statistics.compactedBytes == written)
        try simulation.runTask { try await engine.close() }
    }
}
