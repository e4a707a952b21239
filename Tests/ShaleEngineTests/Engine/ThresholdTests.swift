import ShalePlatform
@testable import ShaleEngine
import Simulation
import Testing

/// Performance as counts: what a fixed load writes and reads, whatever the machine.
struct ThresholdTests {
    private let simulation = SimulatedWorld(seed: 31)

    private func open(budget: Int) throws -> Engine {
        var options = EngineOptions()
        options.memoryBudgetBytes = budget
        options.compression = .none
        let (chosen, world) = (options, simulation.world)
        return try simulation.runTask { try await Engine.open("db", chosen, in: world) }
    }

    private static func name(_ number: Int) -> [UInt8] { Array("item \(number)".utf8) }

    /// Writes items with these numbers, and follows how many runs there are.
    /// - Returns: the most runs that a partition had.
    @discardableResult
    private func write(
        _ engine: Engine,
        _ table: EngineTable,
        _ numbers: [Int]
    ) throws -> Int {
        try simulation.runTask {
            var most = 0
            for number in numbers {
                var batch = WriteBatch()
                let value = [UInt8](repeating: UInt8(number % 251), count: 400)
                batch.put(table.id, table.key(partition: Self.name(number)), value)
                try await engine.write(batch, .buffered)
                most = max(most, engine.statistics.partitions[0].runSizesBytes.count)
            }
            try await engine.flush()
            return most
        }
    }

    private func numbers(_ count: Int, below limit: Int) -> [Int] {
        var generator = SimulatedGenerator(seed: 31, stream: 5)
        return (0..<count).map { _ in generator.below(limit) }
    }

    /// Bytes of log and runs for each byte of log records, of a load in no order and of as many
    /// overwrites, settled.
    ///
    /// The log is 1 and a flush nearly 1; the rest is merges, at some twenty memtables' worth of data. It was
    /// 4.82 for the load, and for runs alone 3.58 for the overwrites.
    @Test func `bytes written for a user byte stay within bounds`() throws {
        let engine = try open(budget: 1024 * 1024)
        let table = try simulation.runTask { try await engine.createTable() }
        let count = 10_000
        try write(engine, table, Array(0..<count))
        try simulation.scheduler.run(for: .seconds(5))
        let loaded = engine.statistics
        #expect(loaded.writeAmplification < 5)
        try write(engine, table, numbers(count, below: count))
        try simulation.scheduler.run(for: .seconds(5))
        let overwritten = engine.statistics
        let bytes =
            overwritten.flushedBytes + overwritten.compactedBytes
            - loaded.flushedBytes - loaded.compactedBytes
        let user = overwritten.writtenBytes - loaded.writtenBytes
        #expect(Double(bytes) / Double(user) < 4)
        // Settled, there is each item once, with little around it.
        #expect(overwritten.partitions[0].entryCount == count)
        #expect(overwritten.runFileSizeBytes < count * 415 * 11 / 10)
        try simulation.runTask { try await engine.close() }
    }

    @Test func `runs stay few under a steady load`() throws {
        let engine = try open(budget: 512 * 1024)
        let table = try simulation.runTask { try await engine.createTable() }
        let most = try write(engine, table, numbers(12_000, below: 6_000))
        #expect(most <= CompactionPicker.usualRunCount)
        try simulation.runTask { try await engine.close() }
    }

    /// Blocks that `count` gets bring into the cache, after index and filter are in it.
    private func blocksRead(
        _ engine: Engine,
        _ table: EngineTable,
        _ names: [[UInt8]]
    ) throws -> Int {
        let cache = engine.runFiles.cache
        let before = cache.statistics.insertions
        try simulation.runTask {
            for name in names {
                let key = table.key(partition: name)
                _ = try await engine.read { view throws(EngineError) in
                    try view.get(table.id, key) != nil
                }
            }
        }
        return cache.statistics.insertions - before
    }

    @Test(arguments: [1, 4])
    func `a cold get reads one block, and a missing key nearly none`(runs: Int) throws {
        let engine = try open(budget: 64 * 1024 * 1024)
        let table = try simulation.runTask { try await engine.createTable() }
        for part in 0..<runs {
            let numbers = Array(0..<8_000).filter { $0 % runs == part }
            try write(engine, table, numbers)
        }
        try #require(engine.statistics.partitions[0].runSizesBytes.count == runs)
        // Index and filters; of each run perhaps a few blocks that a filter let through.
        let index = try blocksRead(engine, table, (0..<2_000).map { Self.name(1_000_000 + $0) })
        #expect(index < 60 * runs)
        let missing = try blocksRead(engine, table, (0..<1_000).map { Self.name(2_000_000 + $0) })
        #expect(missing <= 4 * runs)
        let present = numbers(200, below: 8_000)
        let found = try blocksRead(engine, table, present.map { Self.name($0) })
        #expect(found <= present.count + 8 * runs)
        try simulation.runTask { try await engine.close() }
    }
}
