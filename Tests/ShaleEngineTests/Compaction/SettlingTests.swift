import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// An idle database becomes one run for each partition, and then rests.
struct SettlingTests {
    private let simulation = SimulatedWorld(seed: 21)

    private func open(rate: Int = 0) throws -> Engine {
        var options = EngineOptions()
        options.memoryBudgetBytes = 1024 * 1024
        options.backgroundBytesPerSecond = rate
        let (chosen, world) = (options, simulation.world)
        return try simulation.runTask { try await Engine.open("db", chosen, in: world) }
    }

    private func write(_ engine: Engine, _ table: EngineTable, _ numbers: Range<Int>) throws {
        try simulation.runTask {
            for number in numbers {
                var batch = WriteBatch()
                let key = table.key(partition: Array("\(number)".utf8))
                batch.put(table.id, key, [UInt8](repeating: UInt8(number % 251), count: 500))
                try await engine.write(batch, .buffered)
            }
            try await engine.flush()
        }
    }

    private func runs(_ engine: Engine) -> Int {
        engine.statistics.partitions.map(\.runSizesBytes.count).max() ?? 0
    }

    private func written(_ engine: Engine) -> Int {
        engine.statistics.flushedBytes + engine.statistics.compactedBytes
    }

    @Test func `after a load all runs become one, and then nothing more is written`() throws {
        let engine = try open()
        let table = try simulation.runTask { try await engine.createTable() }
        try write(engine, table, 0..<4_000)
        try #require(engine.statistics.flushCount > 4)
        try simulation.scheduler.run(for: .seconds(2))
        #expect(runs(engine) == 1)
        let before = written(engine)
        try simulation.scheduler.run(for: .seconds(3_600))
        #expect(written(engine) == before)
        try simulation.runTask { try await engine.close() }
    }

    @Test func `a small run over a large one waits its time`() throws {
        let engine = try open()
        let table = try simulation.runTask { try await engine.createTable() }
        try write(engine, table, 0..<4_000)
        try simulation.scheduler.run(for: .seconds(2))
        try write(engine, table, 0..<40)
        // About a hundredth of it: a hundred eighths, each but the first 10 s.
        try simulation.scheduler.run(for: .seconds(30))
        #expect(runs(engine) == 2)
        try simulation.scheduler.run(for: .seconds(600))
        #expect(runs(engine) == 1)
        try simulation.runTask { try await engine.close() }
    }

    @Test func `what was left to settle is settled after the next opening`() throws {
        let first = try open()
        let table = try simulation.runTask { try await first.createTable() }
        try write(first, table, 0..<1_000)
        try write(first, table, 1_000..<1_500)
        try #require(runs(first) > 1)
        try simulation.runTask { try await first.close() }
        let second = try open()
        try simulation.scheduler.run(for: .seconds(1))
        #expect(runs(second) == 1)
        try simulation.runTask { try await second.close() }
    }

    @Test(arguments: [0, 4 * 1024])
    func `a rate limits what settling writes`(rate: Int) throws {
        let engine = try open(rate: rate)
        let table = try simulation.runTask { try await engine.createTable() }
        try write(engine, table, 0..<4_000)
        try simulation.scheduler.run(for: .seconds(5))
        #expect((runs(engine) == 1) == (rate == 0))
        try simulation.scheduler.run(for: .seconds(600))
        #expect(runs(engine) == 1)
        try simulation.runTask { try await engine.close() }
    }
}
