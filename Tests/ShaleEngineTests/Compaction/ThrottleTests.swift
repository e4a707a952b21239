import ShaleEngine
import ShalePlatform
import Simulation
import Synchronization
import Testing

/// Writers against compactions that take for ever: they are slowed down, and never held.
struct ThrottleTests {
    /// The longest write, and the most runs a partition had.
    private struct Found: Sendable {
        var longestNanoseconds: UInt64 = 0
        var mostRuns = 0
        var totalNanoseconds: UInt64 = 0
    }

    private func write(
        seed: UInt64,
        compactionsLateBy delay: Duration,
        count: Int
    ) throws -> Found {
        let simulation = SimulatedWorld(seed: seed)
        var options = EngineOptions()
        options.memoryBudgetBytes = 2 * 1024 * 1024
        let chosen = options
        var world = simulation.world
        world.scheduler = LateSteps(world.scheduler, .compaction, by: delay)
        let chosenWorld = world
        let engine = try simulation.runTask { try await Engine.open("db", chosen, in: chosenWorld) }
        let table = try simulation.runTask { try await engine.createTable() }
        let found = Mutex(Found())
        let start = simulation.time.monotonicNanoseconds
        _ = try simulation.runTasks(4) { writer in
            var generator = SimulatedGenerator(seed: seed, stream: UInt64(writer))
            for _ in 0..<count {
                let name = Array("\(generator.below(5_000))".utf8)
                let value = [UInt8](repeating: UInt8(generator.below(256)), count: 2_000)
                var batch = WriteBatch()
                batch.put(table.id, table.key(partition: name), value)
                let before = simulation.time.monotonicNanoseconds
                try await engine.write(batch, .buffered)
                let waited = simulation.time.monotonicNanoseconds - before
                let runs = engine.statistics.partitions.map(\.runSizesBytes.count).max() ?? 0
                found.withLock {
                    $0.longestNanoseconds = max($0.longestNanoseconds, waited)
                    $0.mostRuns = max($0.mostRuns, runs)
                }
            }
        }
        found.withLock { $0.totalNanoseconds = simulation.time.monotonicNanoseconds - start }
        try simulation.runTask { try await engine.close() }
        return found.withLock { $0 }
    }

    @Test(arguments: [(1, 50), (2, 200), (3, 1_000)] as [(UInt64, Int)])
    func `no write waits more than 50 ms for compactions, and runs stay under their cap`(
        seed: UInt64,
        lateMilliseconds: Int
    ) throws {
        let found = try write(
            seed: seed,
            compactionsLateBy: .milliseconds(lateMilliseconds),
            count: 3_000
        )
        // Beside the wait for compactions there is that for the log, and the other writers' turns.
        #expect(found.longestNanoseconds < 60_000_000)
        #expect(found.mostRuns <= EngineOptions().runCap)
    }

    @Test func `a write waits no longer than it may, and then nothing of it is written`() throws {
        let simulation = SimulatedWorld(seed: 5)
        var options = EngineOptions()
        options.memoryBudgetBytes = 2 * 1024 * 1024
        let chosen = options
        var world = simulation.world
        world.scheduler = LateSteps(world.scheduler, .flush, by: .seconds(60))
        let chosenWorld = world
        let engine = try simulation.runTask { try await Engine.open("db", chosen, in: chosenWorld) }
        let table = try simulation.runTask { try await engine.createTable() }
        try simulation.runTask {
            let value = [UInt8](repeating: 7, count: 2_000)
            func put(_ number: Int, _ limit: Duration?) async throws(EngineError) {
                let key = table.key(partition: Array("\(number)".utf8))
                try await engine.update(
                    owning: [OwnedKey(table.id, key)],
                    .buffered,
                    waitingAtMost: limit
                ) { _ in
                    var batch = WriteBatch()
                    batch.put(table.id, key, value)
                    return (batch, ())
                }
            }
            var refused: EngineError?
            var number = 0
            var waited: UInt64 = 0
            while refused == nil, number < 5_000 {
                number += 1
                let before = simulation.time.monotonicNanoseconds
                do throws(EngineError) {
                    try await put(number, .milliseconds(500))
                } catch {
                    refused = error
                }
                waited = simulation.time.monotonicNanoseconds - before
            }
            #expect(refused?.code == .overloaded)
            #expect((500_000_000...560_000_000).contains(waited), "\(waited) ns")
            let key = table.key(partition: Array("\(number)".utf8))
            let found = try await engine.read { view throws(EngineError) in
                try view.get(table.id, key)
            }
            #expect(found == nil)
            // Who has the time waits for it.
            try await put(number, nil)
            try await engine.close()
        }
    }

    @Test func `writers pay for late compactions with their rate`() throws {
        let punctual = try write(seed: 4, compactionsLateBy: .zero, count: 1_500)
        let late = try write(seed: 4, compactionsLateBy: .seconds(2), count: 1_500)
        #expect(late.totalNanoseconds > 2 * punctual.totalNanoseconds)
    }
}
