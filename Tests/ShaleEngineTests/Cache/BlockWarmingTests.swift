import ShaleBytes
import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// What readers have in memory stays there when it moves into another file.
struct BlockWarmingTests {
    private let simulation = SimulatedWorld(seed: 41)
    private let engine: Engine
    private let table: EngineTable

    init() throws {
        var options = EngineOptions()
        options.memoryBudgetBytes = 64 * 1024 * 1024
        let (chosen, world) = (options, simulation.world)
        (engine, table) = try simulation.runTask {
            let engine = try await Engine.open("db", chosen, in: world)
            return (engine, try await engine.createTable())
        }
    }

    private func key(_ number: Int) -> EntryKey { table.key(partition: Array("\(number)".utf8)) }

    private func write(_ numbers: Range<Int>, _ version: UInt8) throws {
        try simulation.runTask {
            for number in numbers {
                var batch = WriteBatch()
                batch.put(table.id, key(number), [UInt8](repeating: version, count: 300))
                try await engine.write(batch, .buffered)
            }
            try await engine.flush()
        }
    }

    /// - Returns: how many pieces came from the disk.
    private func misses(_ numbers: Range<Int>, expecting version: UInt8) throws -> Int {
        let before = engine.slots.counts.missed
        try simulation.runTask {
            for number in numbers {
                let found = try await engine.read { view throws(EngineError) in
                    try view.get(table.id, key(number))
                }
                #expect(found == [UInt8](repeating: version, count: 300))
            }
        }
        return engine.slots.counts.missed - before
    }

    private func compact() throws {
        try simulation.runTask { try await engine.compact() }
        #expect(engine.statistics.partitions[0].runSizesBytes.count == 1)
    }

    @Test func `after a compaction reads find in memory what they had there before`() throws {
        try write(0..<2_000, 1)
        try write(2_000..<4_000, 1)
        #expect(try misses(0..<4_000, expecting: 1) > 100)
        try compact()
        #expect(try misses(0..<4_000, expecting: 1) == 0)
    }

    @Test func `after a flush reads find in memory what they had there before`() throws {
        try write(0..<2_000, 1)
        _ = try misses(0..<2_000, expecting: 1)
        try write(0..<1_000, 2)
        #expect(try misses(0..<1_000, expecting: 2) == 0)
    }

    @Test func `a compaction keeps no block in memory that nobody has read`() throws {
        try write(0..<2_000, 1)
        try write(2_000..<4_000, 1)
        _ = try misses(0..<20, expecting: 1)
        let warm = engine.runFiles.cache.statistics.blockCount
        try compact()
        let after = engine.runFiles.cache.statistics.blockCount
        // A block of an input is half of two of the output, and a little of a third.
        #expect(after <= 5 * warm / 2 + 8)
        // An entry's block may be one of which less than a quarter was read.
        #expect(try misses(0..<20, expecting: 1) <= 6)
        #expect(try misses(1_000..<3_000, expecting: 1) > 20)
    }

    @Test func `what nobody reads takes no memory`() throws {
        try write(0..<2_000, 1)
        try write(0..<2_000, 2)
        try compact()
        #expect(engine.runFiles.cache.statistics.blockCount == 0)
    }
}
