import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// Large values in a whole engine: written, read, merged, cut, dropped, crashed.
struct BlobEngineTests {
    private static let threshold = 512

    private func options() -> EngineOptions {
        var options = EngineOptions()
        options.memoryBudgetBytes = 1024 * 1024
        options.runFileSizeBytes = 32 * 1024
        options.logCapBytes = 4 * 1024 * 1024
        options.smallestBlobBytes = Self.threshold
        return options
    }

    private func open(_ simulation: SimulatedWorld) throws -> Engine {
        let (options, world) = (options(), simulation.world)
        return try simulation.runTask { try await Engine.open("db", options, in: world) }
    }

    private func put(
        _ engine: Engine,
        _ table: EngineTable,
        _ partition: [UInt8],
        _ value: [UInt8]?,
        _ simulation: SimulatedWorld
    ) throws {
        try put(engine, table, table.key(partition: partition), value, simulation)
    }

    private func put(
        _ engine: Engine,
        _ table: EngineTable,
        _ key: EntryKey,
        _ value: [UInt8]?,
        _ simulation: SimulatedWorld
    ) throws {
        var batch = WriteBatch()
        if let value { batch.put(table.id, key, value) } else { batch.delete(table.id, key) }
        let whole = batch
        _ = try simulation.runTask { try await engine.write(whole) }
    }

    private func read(
        _ engine: Engine,
        _ table: EngineTable,
        _ key: EntryKey,
        _ simulation: SimulatedWorld
    ) throws -> [UInt8]? {
        try simulation.runTask {
            try await engine.read { view throws(EngineError) in try view.get(table.id, key) }
        }
    }

    /// Around the bound, now and then much larger, now and then none.
    private func value(_ generator: inout SimulatedGenerator) -> [UInt8]? {
        if generator.oneIn(6) { return nil }
        let size = Self.threshold - 2 + generator.below(5)
        return (0..<(generator.oneIn(20) ? 40 * size : size)).map { _ in
            UInt8(truncatingIfNeeded: generator.next())
        }
    }

    private func blobNames(_ files: any FileSystem) throws(FileError) -> [String] {
        try files.list("db").filter { $0.hasSuffix(".blob") }
    }

    private func requireWhole(_ simulation: SimulatedWorld) throws -> Verification.Report {
        let world = simulation.world
        let report = try simulation.runTask {
            let result: Result<Verification.Report, EngineError> = await world.scheduler.run(.read)
            { Result { () throws(EngineError) in try Verification.run("db", in: world) } }
            return try result.get()
        }
        try #require(report.isWhole, "\(report.problems)")
        return report
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `values around the bound survive flushes, merges, splits and crashes`(
        seed: UInt64
    ) throws {
        let simulation = SimulatedWorld(seed: seed)
        var generator = SimulatedGenerator(seed: seed, stream: 3)
        var model: [EngineModel.Place: [UInt8]] = [:]
        var made: EngineTable?
        var sawBlobs = false
        for life in 0..<6 {
            let engine = try open(simulation)
            if made == nil { made = try simulation.runTask { try await engine.createTable() } }
            let table = try #require(made)
            for _ in 0..<120 {
                let place = EngineModel.place(&generator)
                let key = table.key(partition: place.partition, sort: place.sort)
                switch generator.below(40) {
                case 0: try simulation.runTask { try await engine.flush() }
                case 1: try simulation.runTask { try await engine.compact() }
                case 2 where life < 3:
                    try simulation.runTask {
                        do throws(EngineError) {
                            try await engine.split(table.id, at: key)
                        } catch {
                            #expect(error.code == .invalidArgument)
                        }
                    }
                default:
                    let value = value(&generator)
                    try put(engine, table, key, value, simulation)
                    model[place] = value
                    try #require(try read(engine, table, key, simulation) == value)
                }
            }
            let found = try simulation.runTask { try engine.contents(of: table) }
            try #require(found == model)
            if life % 2 == 0 {
                simulation.crash(leftovers: .runIntoErrors)
            } else {
                try simulation.runTask { try await engine.close() }
            }
            sawBlobs = try requireWhole(simulation).blobFileCount > 0 || sawBlobs
        }
        #expect(sawBlobs)
    }

    @Test func `a value at the bound stands in a blob segment, a smaller one in its run`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let engine = try open(simulation)
        let table = try simulation.runTask { try await engine.createTable() }
        let small = [UInt8](repeating: 1, count: Self.threshold - 1)
        try put(engine, table, [1], small, simulation)
        try simulation.runTask { try await engine.flush() }
        #expect(engine.statistics.blobFileCount == 0)
        try put(engine, table, [2], small + [2], simulation)
        try simulation.runTask { try await engine.flush() }
        let statistics = engine.statistics
        #expect(statistics.blobFileCount == 1)
        #expect(statistics.blobLiveBytes > 0)
        #expect(statistics.blobFileSizeBytes > statistics.blobLiveBytes)
        try simulation.runTask { try await engine.close() }
        let report = try requireWhole(simulation)
        #expect(report.blobFileCount == 1)
        #expect(report.blobLiveBytes == statistics.blobLiveBytes)
    }

    @Test func `what is overwritten leaves the disk, and segments do not pile up`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let engine = try open(simulation)
        let table = try simulation.runTask { try await engine.createTable() }
        var generator = SimulatedGenerator(seed: 4)
        var values: [UInt8: [UInt8]] = [:]
        for _ in 0..<40 {
            for _ in 0..<40 {
                let key = UInt8(generator.below(100))
                let value = (0..<1000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                values[key] = value
                try put(engine, table, [key], value, simulation)
            }
            try simulation.runTask { try await engine.flush() }
            // What merges and collections make of it; deadlines of tombstones are an hour away.
            try simulation.scheduler.run(for: .seconds(5))
            let statistics = engine.statistics
            let blobs = try blobNames(simulation.files)
            #expect(blobs.count == statistics.blobFileCount)
            let allowed = statistics.blobFileSizeBytes / BlobPicker.deadShare + 32 * 1024 / 8
            #expect(statistics.blobFileSizeBytes - statistics.blobLiveBytes < allowed)
            // What upper runs hide below them is not known to be dead.
            let needed = values.values.reduce(0) { $0 + $1.count }
            #expect(statistics.blobFileSizeBytes < 3 * needed + 64 * 1024)
        }
        try simulation.runTask { try await engine.compact() }
        let needed = values.values.reduce(0) { $0 + $1.count }
        #expect(engine.statistics.blobFileSizeBytes < needed * 5 / 4 + 16 * 1024)
        for (key, value) in values {
            let found = try read(engine, table, table.key(partition: [key]), simulation)
            #expect(found == value)
        }
        try simulation.runTask { try await engine.close() }
        _ = try requireWhole(simulation)
    }

    @Test func `a merge follows a bound that was lowered, and one that was raised hurts nobody`()
        throws
    {
        let simulation = SimulatedWorld(seed: 7)
        let value = [UInt8](repeating: 3, count: 700)
        var made: EngineTable?
        for (life, bound) in [1000, 600, 5000].enumerated() {
            var options = options()
            options.smallestBlobBytes = bound
            let (chosen, world) = (options, simulation.world)
            let engine = try simulation.runTask { try await Engine.open("db", chosen, in: world) }
            if made == nil { made = try simulation.runTask { try await engine.createTable() } }
            let table = try #require(made)
            try put(engine, table, [UInt8(life)], value, simulation)
            try simulation.runTask { try await engine.compact() }
            try simulation.runTask { try await engine.compact() }
            #expect((engine.statistics.blobFileCount > 0) == (life > 0))
            let found = try simulation.runTask { try engine.contents(of: table) }
            #expect(found.count == life + 1 && found.values.allSatisfy { $0 == value })
            try simulation.runTask { try await engine.close() }
            _ = try requireWhole(simulation)
        }
    }

    @Test func `merges carry references, and do not write the values again`() throws {
        let simulation = SimulatedWorld(seed: 3)
        let engine = try open(simulation)
        let table = try simulation.runTask { try await engine.createTable() }
        for round in 0..<3 as Range<UInt8> {
            for key in 0..<4 as Range<UInt8> {
                let value = [UInt8](repeating: key, count: 40_000).enumerated().map {
                    UInt8(truncatingIfNeeded: $0 * 7 ^ $0 / 251) &+ $1
                }
                try put(engine, table, [round, key], value, simulation)
            }
            try simulation.runTask { try await engine.flush() }
        }
        let before = try blobNames(simulation.files)
        let written = engine.statistics.compactedBytes
        try simulation.runTask { try await engine.compact() }
        #expect(try blobNames(simulation.files) == before)
        #expect(engine.statistics.compactionCount > 0)
        #expect(engine.statistics.compactedBytes - written < 40_000)
    }

    @Test func `a segment goes with its last value, and with its table`() throws {
        let simulation = SimulatedWorld(seed: 4)
        let engine = try open(simulation)
        let table = try simulation.runTask { try await engine.createTable() }
        let other = try simulation.runTask { try await engine.createTable() }
        try put(engine, table, [1], [UInt8](repeating: 1, count: 5_000), simulation)
        try put(engine, other, [1], [UInt8](repeating: 1, count: 5_000), simulation)
        try simulation.runTask { try await engine.flush() }
        #expect(try blobNames(simulation.files).count == 1)
        try put(engine, table, [1], nil, simulation)
        try simulation.runTask { try await engine.compact() }
        try simulation.scheduler.run(for: .seconds(1))
        #expect(try blobNames(simulation.files).count == 1, "the other table needs it")
        try simulation.runTask { try await engine.dropTable(other.id) }
        try simulation.scheduler.run(for: .seconds(1))
        #expect(try blobNames(simulation.files) == [])
        #expect(engine.statistics.blobFileCount == 0)
    }

    @Test func `a view reads the values that it began with, whatever is collected meanwhile`()
        throws
    {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let engine = try Engine.openBlocking("db", options(), in: world)
        let table = try engine.createTableBlocking()
        let key = table.key(partition: [1])
        let old = [UInt8](repeating: 1, count: 100_000)
        func write(_ value: [UInt8]) throws(EngineError) {
            var batch = WriteBatch()
            batch.put(table.id, key, value)
            try engine.writeBlocking(batch)
            try engine.flushBlocking()
        }
        try write(old)
        let first = try blobNames(world.files)
        #expect(first.count == 1)
        var meanwhile: [String] = []
        let found = try engine.readBlocking { view throws(EngineError) -> [UInt8]? in
            try write([2])
            try engine.compactBlocking()
            waitForHousekeeping(world)
            do throws(FileError) { meanwhile = try blobNames(world.files) } catch {
                throw EngineError(error)
            }
            return try view.get(table.id, key)
        }
        #expect(found == old)
        #expect(meanwhile == first)
        #expect(engine.statistics.blobFileCount == 0)
        for _ in 0..<1_000 where try !blobNames(world.files).isEmpty { waitForHousekeeping(world) }
        #expect(try blobNames(world.files) == [])
        try engine.closeBlocking()
    }

    /// Until what was scheduled before has run, with time for what is looked at again.
    private func waitForHousekeeping(_ world: World) {
        let gate = world.scheduler.makeGate()
        world.scheduler.schedule(.housekeeping, after: .milliseconds(10)) { gate.open() }
        gate.wait()
    }

    @Test func `a checkpoint has the segments that its runs need`() throws {
        let simulation = SimulatedWorld(seed: 5)
        let engine = try open(simulation)
        let table = try simulation.runTask { try await engine.createTable() }
        let value = [UInt8](repeating: 9, count: 5_000)
        try put(engine, table, [1], value, simulation)
        try simulation.runTask { try await engine.flush() }
        _ = try simulation.runTask { try await engine.checkpoint(to: "copy") }
        try put(engine, table, [1], nil, simulation)
        try simulation.runTask { try await engine.compact() }
        try simulation.runTask { try await engine.close() }
        #expect(try blobNames(simulation.files) == [])
        let world = simulation.world
        let copy = try simulation.runTask { try await Engine.open("copy", in: world) }
        let found = try read(copy, table, table.key(partition: [1]), simulation)
        #expect(found == value)
    }

    @Test func `a missing segment is named by opening, one that nobody names is removed`() throws {
        let simulation = SimulatedWorld(seed: 6)
        let engine = try open(simulation)
        let table = try simulation.runTask { try await engine.createTable() }
        try put(engine, table, [1], [UInt8](repeating: 9, count: 5_000), simulation)
        try simulation.runTask { try await engine.close() }
        let name = try #require(try blobNames(simulation.files).first)
        try simulation.files.link("db/" + name, to: "db/999999.blob")
        let again = try open(simulation)
        #expect(try blobNames(simulation.files) == [name])
        try simulation.runTask { try await again.close() }
        try simulation.files.remove("db/" + name)
        let error = #expect(throws: EngineError.self) { try open(simulation) }
        #expect(error?.code == .corrupted && error?.file == name)
        let report = try Verification.run("db", in: simulation.world)
        #expect(report.problems.map(\.file) == [name])
    }
}
