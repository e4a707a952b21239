import Foundation
import ShaleEngine
import ShalePlatform
import Simulation
import Synchronization
import Testing

/// The whole engine on one thread from one seed.
struct DeterminismTests {
    /// Three lives of a database, each with two writers, a flush, a compaction, and a power cut at a
    /// random file operation; then a last opening.
    /// - Returns: the hash of everything that happened, and what the database then holds.
    private func run(seed: UInt64) throws -> (hash: UInt64, contents: String) {
        let simulation = SimulatedWorld(seed: seed)
        let acknowledged = Acknowledged()
        var generator = SimulatedGenerator(seed: seed, stream: 9)
        var table: EngineTable?
        for life in 0..<3 {
            let engine = try open(simulation)
            if table == nil { table = try simulation.runTask { try await engine.createTable() } }
            guard let table else { return (0, "") }
            try check(engine, table, acknowledged, simulation, "seed \(seed), life \(life)")
            simulation.disk.cutPower(afterOperations: 20 + generator.below(600))
            let writers = (0..<2).map { writer in
                simulation.startTask {
                    var own = SimulatedGenerator(seed: seed, stream: UInt64(writer + 10 * life))
                    for round in 0..<300 {
                        try await write(writer, life, round, &own, engine, table, acknowledged)
                    }
                }
            }
            let background = simulation.startTask {
                try await engine.flush()
                try await engine.compact()
            }
            try simulation.run(until: {
                simulation.disk.isPowerCut
                    || (writers.allSatisfy(\.isFinished) && background.isFinished)
            })
            simulation.crash(leftovers: .runIntoErrors)
        }
        let engine = try open(simulation)
        guard let table else { return (0, "") }
        let found = try check(engine, table, acknowledged, simulation, "seed \(seed)")
        try simulation.runTask { try await engine.close() }
        return (simulation.traceHash, found.summary)
    }

    private func open(_ simulation: SimulatedWorld) throws -> Engine {
        var options = EngineOptions()
        options.memoryBudgetBytes = 128 * 1024
        options.runFileSizeBytes = 16 * 1024
        options.smallestBlobBytes = 100
        let chosen = options
        let world = simulation.world
        return try simulation.runTask { try await Engine.open("db", chosen, in: world) }
    }

    /// Every acknowledged write is there, and nothing is there that nobody wrote.
    @discardableResult
    private func check(
        _ engine: Engine,
        _ table: EngineTable,
        _ acknowledged: Acknowledged,
        _ simulation: SimulatedWorld,
        _ place: String
    ) throws -> [EngineModel.Place: [UInt8]] {
        let found = try simulation.runTask { try engine.contents(of: table) }
        for (key, value) in acknowledged.entries {
            let isThere = found[key] == value
            try #require(isThere, "\(place) lost \(String(decoding: key.sort, as: UTF8.self))")
        }
        for (key, value) in found {
            let isKnown = acknowledged.attempts[key] == value
            try #require(isKnown, "\(place) has what nobody wrote")
        }
        return found
    }

    private func write(
        _ writer: Int,
        _ life: Int,
        _ round: Int,
        _ generator: inout SimulatedGenerator,
        _ engine: Engine,
        _ table: EngineTable,
        _ acknowledged: Acknowledged
    ) async throws {
        let place = EngineModel.Place(
            partition: Array("w\(writer)".utf8),
            sort: Array("\(generator.below(50))-\(life)-\(round)".utf8)
        )
        let value = EngineModel.value(&generator)
        var batch = WriteBatch()
        batch.put(table.id, table.key(partition: place.partition, sort: place.sort), value)
        acknowledged.attempt(place, value)
        try await engine.write(batch)
        acknowledged.add(place, value)
    }

    /// Seeds from 1 on; more of them by `SHALE_SEEDS=1000 swift test --filter DeterminismTests`.
    private static let seeds: [UInt64] = {
        let count = ProcessInfo.processInfo.environment["SHALE_SEEDS"].flatMap { UInt64($0) }
        return Array(1...(count ?? 8))
    }()

    @Test(arguments: seeds)
    func `one seed gives one history, and no acknowledged write is lost`(seed: UInt64) throws {
        let first = try run(seed: seed)
        let second = try run(seed: seed)
        #expect(first.hash == second.hash)
        #expect(first.contents == second.contents)
    }

    @Test func `two seeds give two histories`() throws {
        #expect(try run(seed: 1).hash != run(seed: 2).hash)
    }
}

/// What the writers tried, and what they were told.
final class Acknowledged: Sendable {
    private struct State {
        var attempts: [EngineModel.Place: [UInt8]] = [:]
        var entries: [EngineModel.Place: [UInt8]] = [:]
    }
    private let state = Mutex(State())

    func attempt(_ place: EngineModel.Place, _ value: [UInt8]) {
        state.withLock { $0.attempts[place] = value }
    }

    func add(_ place: EngineModel.Place, _ value: [UInt8]) {
        state.withLock { $0.entries[place] = value }
    }

    var attempts: [EngineModel.Place: [UInt8]] { state.withLock { $0.attempts } }
    var entries: [EngineModel.Place: [UInt8]] { state.withLock { $0.entries } }
}
