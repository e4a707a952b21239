import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// Every bit of a small, cleanly closed database is flipped in turn.
struct DamageTests {
    private static let directory = "db"

    /// A database with a run, a blob segment, some log, and a clean close.
    private func makeDatabase(_ world: World) throws -> (EngineTable, [EngineModel.Place: [UInt8]])
    {
        var options = EngineOptions()
        options.smallestBlobBytes = 40
        let engine = try Engine.openBlocking(Self.directory, options, in: world)
        let table = try engine.createTableBlocking()
        var generator = SimulatedGenerator(seed: 3)
        var model = EngineModel()
        for index in 0..<12 {
            let place = EngineModel.place(&generator)
            let value = (0..<(index % 3 == 0 ? 40 : 20)).map { _ in
                UInt8(truncatingIfNeeded: generator.next())
            }
            var batch = WriteBatch()
            batch.put(table.id, table.key(partition: place.partition, sort: place.sort), value)
            model.entries[place] = value
            try engine.writeBlocking(batch)
        }
        try engine.closeBlocking()
        return (table, model.entries)
    }

    private func flip(_ path: String, _ offset: Int, _ bit: Int, _ world: World) throws {
        let file = try world.files.open(path, .readWrite)
        let byte = try file.read(at: offset, count: 1)[0]
        try file.write([byte ^ UInt8(1 << bit)], at: offset)
        file.close()
    }

    /// What reading everything gives: the contents, or an error that names the damage.
    private func read(_ table: EngineTable, _ world: World) throws -> [EngineModel.Place: [UInt8]]?
    {
        do throws(EngineError) {
            let engine = try Engine.openBlocking(Self.directory, access: .readOnly, in: world)
            defer { engine.abandon() }
            return try engine.contents(of: table)
        } catch {
            let isTyped = [.corrupted, .newerFormat].contains(error.code)
            try #require(isTyped, "\(error)")
            try #require(error.file != nil)
            return nil
        }
    }

    @Test(arguments: ["MANIFEST", "run", "blob", "log"])
    func `a flipped bit is found or harmless, and never a wrong answer`(kind: String) throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let (table, contents) = try makeDatabase(world)
        try #require(try Verification.run(Self.directory, in: world).isWhole)
        var found = 0
        var harmless = 0
        for name in try world.files.list(Self.directory) where name.hasSuffix(kind) {
            let path = Self.directory + "/" + name
            let file = try world.files.open(path, .read)
            let size = min(try file.sizeBytes(), 24 * 1024)
            file.close()
            // A bit that moves from byte to byte; of the log, which is long, every 41st byte.
            for offset in stride(from: 0, to: size, by: kind == "log" ? 41 : 1) {
                let bit = offset % 8
                try flip(path, offset, bit, world)
                let report = try Verification.run(Self.directory, in: world)
                let answer = try read(table, world)
                if report.isWhole {
                    harmless += 1
                    let isRight = answer == contents
                    try #require(
                        isRight,
                        "\(name), byte \(offset): a wrong answer, and no problem found"
                    )
                } else {
                    found += 1
                    try #require(report.problems.allSatisfy { $0.file != nil })
                    if let answer {
                        let isRight = answer == contents
                        try #require(isRight, "\(name), byte \(offset): a wrong answer")
                    }
                }
                try flip(path, offset, bit, world)
            }
        }
        #expect(found > 0)
        if kind != "log" { #expect(harmless == 0, "every byte of \(kind) is checked") }
    }

    @Test(arguments: [(".run", .max), (".blob", 4096)])
    func `a damaged file fails the reads that touch it, and the rest serves`(
        kind: String,
        smallestBlobBytes: Int
    ) throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        var options = EngineOptions()
        options.smallestBlobBytes = smallestBlobBytes
        let engine = try Engine.openBlocking(Self.directory, options, in: world)
        let broken = try engine.createTableBlocking()
        let other = try engine.createTableBlocking()
        var batch = WriteBatch()
        let brokenKey = broken.key(partition: [1])
        let otherKey = other.key(partition: [1])
        batch.put(broken.id, brokenKey, [UInt8](repeating: 7, count: 3_000_000 / 4))
        try engine.writeBlocking(batch)
        try engine.flushBlocking()
        batch = WriteBatch()
        batch.put(other.id, otherKey, [UInt8](repeating: 8, count: 500_000))
        try engine.writeBlocking(batch)
        try engine.closeBlocking()
        let files = try world.files.list(Self.directory).filter { $0.hasSuffix(kind) }
        try #require(files.count == 2)
        try flip(Self.directory + "/" + files[0], 500, 3, world)
        let again = try Engine.openBlocking(Self.directory, options, in: world)
        let error = #expect(throws: EngineError.self) {
            try again.readBlocking { view throws(EngineError) in try view.get(broken.id, brokenKey)
            }
        }
        #expect(error?.code == .corrupted && error?.file == files[0] && error?.offset == 32)
        let value = try again.readBlocking { view throws(EngineError) in
            try view.get(other.id, otherKey)
        }
        #expect(value?.count == 500_000)
        try again.closeBlocking()
    }

    @Test func `after a crash a torn tail heals, and damage below the last mark is refused`() throws
    {
        let simulation = SimulatedWorld(seed: 5)
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        for index in 0..<10 {
            var batch = WriteBatch()
            batch.put(table.id, table.key(partition: [UInt8(index)]), [1, 2, 3])
            let whole = batch
            _ = try simulation.runTask { try await engine.write(whole) }
        }
        // Idle for long enough that a mark is written.
        try simulation.scheduler.run(for: .milliseconds(50))
        simulation.crash(leftovers: .runIntoErrors)
        let disk = simulation.disk
        // The first record lies behind the header page.
        try disk.damage("db/000001.log", at: 4096 + 60, flipping: 1)
        let damaged = simulation.world
        let error = #expect(throws: EngineError.self) {
            _ = try simulation.runTask { try await Engine.open("db", in: damaged) }
        }
        #expect(error?.code == .corrupted)
        #expect(error?.file == "000001.log")
        #expect(error?.offset == 4096)
        try disk.damage("db/000001.log", at: 4096 + 60, flipping: 1)
        let healed = try simulation.runTask { try await Engine.open("db", in: damaged) }
        let count = try simulation.runTask { try healed.contents(of: table).count }
        #expect(count == 10)
    }
}
