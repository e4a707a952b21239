import ShalePlatform
import Simulation
import Synchronization
import Testing

@testable import ShaleEngine

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

    /// A database that has just met a full disk, and its events.
    private func filled(
        seed: UInt64,
        _ events: EventList
    ) throws -> (SimulatedWorld, Engine, EngineTable, written: Int) {
        let simulation = SimulatedWorld(seed: seed)
        var options = EngineOptions()
        options.memoryBudgetBytes = 512 * 1024
        options.onEvent = events.add
        let (chosen, world) = (options, simulation.world)
        let engine = try simulation.runTask { try await Engine.open("db", chosen, in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        simulation.disk.setCapacity(bytes: 8 * 1024 * 1024)
        var written = 0
        while case .success = write(simulation, engine, table, written), written < 20_000 {
            written += 1
        }
        return (simulation, engine, table, written)
    }

    /// What the engine told.
    private final class EventList: Sendable {
        private let names = Mutex<[String]>([])
        @Sendable func add(_ event: EngineEvent) {
            switch event {
            case .diskFull: names.withLock { $0.append("full") }
            case .diskHasSpace: names.withLock { $0.append("space") }
            default: break
            }
        }
        var all: [String] { names.withLock { $0 } }
    }

    @Test func `the reserve is given back on a full disk, deletions go on, and it is made again`()
        throws
    {
        let events = EventList()
        let (simulation, engine, table, written) = try filled(seed: 7, events)
        #expect(events.all == ["full"])
        #expect(engine.statistics.isDiskFull && engine.statistics.reserveSizeBytes == 0)
        #expect(try simulation.files.kind(of: "db/RESERVE") == nil)
        // Many of them: what they need of log and runs is there.
        for index in stride(from: 0, to: written, by: 2) {
            try delete(simulation, engine, table, index)
        }
        simulation.disk.setCapacity(bytes: nil)
        try simulation.scheduler.run(for: .seconds(5))
        #expect(events.all == ["full", "space"])
        #expect(!engine.statistics.isDiskFull && engine.statistics.diskFullCount == 1)
        #expect(engine.statistics.reserveSizeBytes >= DiskSpace.smallestReserveBytes)
        #expect(try simulation.files.kind(of: "db/RESERVE") == .file)
        try write(simulation, engine, table, 1).get()
        try write(simulation, engine, table, 0).get()
        let found = try simulation.runTask { try engine.contents(of: table) }
        #expect(found.count == written - (written + 1) / 2 + 1)
        try simulation.runTask { try await engine.close() }
        #expect(try Verification.run("db", in: simulation.world).isWhole)
    }

    @Test func `deleting what is there makes space by itself`() throws {
        let events = EventList()
        let (simulation, engine, table, written) = try filled(seed: 8, events)
        for index in 0..<written { try delete(simulation, engine, table, index) }
        try simulation.runTask { try await engine.compact() }
        try simulation.scheduler.run(for: .seconds(5))
        #expect(events.all == ["full", "space"])
        try write(simulation, engine, table, 0).get()
    }

    @Test func `a database opens on a disk without a byte of space, by its reserve`() throws {
        let (simulation, engine, table, written) = try filled(seed: 9, EventList())
        simulation.disk.setCapacity(bytes: nil)
        try simulation.scheduler.run(for: .seconds(5))
        #expect(engine.statistics.reserveSizeBytes > 0)
        simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        simulation.disk.setCapacity(bytes: simulation.disk.usedBytes)
        let world = simulation.world
        let again = try simulation.runTask { try await Engine.open("db", in: world) }
        try expectAll(simulation, again, table, written)
    }

    @Test func `of a checkpoint that does not fit nothing is left`() throws {
        let (simulation, engine, table, written) = try filled(seed: 10, EventList())
        simulation.disk.setCapacity(bytes: simulation.disk.usedBytes + 4_096)
        let error = #expect(throws: EngineError.self) {
            try simulation.runTask { try await engine.checkpoint(to: "copy") }
        }
        #expect(error?.code == .diskFull)
        #expect(try simulation.files.kind(of: "copy") == nil)
        try expectAll(simulation, engine, table, written)
    }

    @Test func `an empty database takes less than 4 MiB, its reserve included`() throws {
        let simulation = SimulatedWorld(seed: 11)
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        try simulation.scheduler.run(for: .seconds(1))
        #expect(engine.statistics.reserveSizeBytes == DiskSpace.smallestReserveBytes)
        #expect(simulation.disk.usedBytes < 4 * 1024 * 1024)
    }

    private func delete(
        _ simulation: SimulatedWorld,
        _ engine: Engine,
        _ table: EngineTable,
        _ index: Int
    ) throws {
        var batch = WriteBatch()
        batch.delete(table.id, table.key(partition: Array("\(index)".utf8)))
        let whole = batch
        try simulation.runTask { _ = try await engine.write(whole) }
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
