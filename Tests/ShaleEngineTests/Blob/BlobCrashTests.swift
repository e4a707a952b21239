import ShalePlatform
import Simulation
import Synchronization
import Testing

@testable import ShaleEngine

/// Power cuts at any moment of flushes, merges and collections of large values.
struct BlobCrashTests {
    private static let keyCount = 12

    /// Of each key the last round that was written, and the last that was acknowledged.
    private final class Rounds: Sendable {
        private struct State {
            var attempted = [Int](repeating: 0, count: keyCount)
            var acknowledged = [Int](repeating: 0, count: keyCount)
        }
        private let state = Mutex(State())

        func attempt(_ key: Int, _ round: Int) { state.withLock { $0.attempted[key] = round } }
        func acknowledge(_ key: Int, _ round: Int) {
            state.withLock { $0.acknowledged[key] = round }
        }
        func allows(_ key: Int, _ round: Int) -> Bool {
            state.withLock { $0.acknowledged[key] <= round && round <= $0.attempted[key] }
        }
        func begin(_ key: Int, at round: Int) {
            state.withLock {
                $0.attempted[key] = round
                $0.acknowledged[key] = round
            }
        }
    }

    private func open(_ simulation: SimulatedWorld) throws -> Engine {
        var options = EngineOptions()
        options.memoryBudgetBytes = 128 * 1024
        options.runFileSizeBytes = 16 * 1024
        options.smallestBlobBytes = 512
        let (chosen, world) = (options, simulation.world)
        return try simulation.runTask { try await Engine.open("db", chosen, in: world) }
    }

    private static func value(_ key: Int, _ round: Int) -> [UInt8] {
        [UInt8(key), UInt8(round >> 8), UInt8(round & 0xFF)]
            + (0..<(500 + round % 40)).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ round) }
    }

    /// Each key has a value that was written, not older than the last that was acknowledged.
    private func check(
        _ engine: Engine,
        _ table: EngineTable,
        _ rounds: Rounds,
        _ simulation: SimulatedWorld
    ) throws {
        let found = try simulation.runTask { try engine.contents(of: table) }
        for key in 0..<Self.keyCount {
            let place = EngineModel.Place(partition: [UInt8(key)], sort: [])
            guard let value = found[place] else {
                try #require(rounds.allows(key, 0), "key \(key) is lost")
                continue
            }
            let round = Int(value[1]) << 8 | Int(value[2])
            try #require(rounds.allows(key, round), "key \(key) has round \(round)")
            let isWhole = value == Self.value(key, round)
            try #require(isWhole, "key \(key)")
            rounds.begin(key, at: round)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `no value is lost when the power is cut in a collection`(seed: UInt64) throws {
        let simulation = SimulatedWorld(seed: seed)
        let rounds = Rounds()
        var generator = SimulatedGenerator(seed: seed, stream: 7)
        var made: EngineTable?
        for life in 0..<4 {
            let engine = try open(simulation)
            if made == nil { made = try simulation.runTask { try await engine.createTable() } }
            let table = try #require(made)
            try check(engine, table, rounds, simulation)
            simulation.disk.cutPower(afterOperations: 200 + generator.below(1500))
            let writer = simulation.startTask {
                var own = SimulatedGenerator(seed: seed, stream: UInt64(20 + life))
                for step in 0..<400 {
                    let key = own.below(Self.keyCount)
                    let round = life * 1000 + step + 1
                    var batch = WriteBatch()
                    let entry = table.key(partition: [UInt8(key)])
                    batch.put(table.id, entry, Self.value(key, round))
                    rounds.attempt(key, round)
                    try await engine.write(batch)
                    rounds.acknowledge(key, round)
                    if own.oneIn(12) { try await engine.flush() }
                    if own.oneIn(60) { try await engine.compact() }
                }
            }
            try simulation.run(until: { simulation.disk.isPowerCut || writer.isFinished })
            simulation.crash(leftovers: .runIntoErrors)
            let world = simulation.world
            let report = try simulation.runTask {
                let result: Result<Verification.Report, EngineError> =
                    await world.scheduler.run(.read) {
                        Result { () throws(EngineError) in try Verification.run("db", in: world) }
                    }
                return try result.get()
            }
            try #require(report.isWhole, "life \(life): \(report.problems)")
        }
        let engine = try open(simulation)
        try check(engine, try #require(made), rounds, simulation)
        try simulation.runTask { try await engine.close() }
    }
}
