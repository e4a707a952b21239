/// What the simulated disk forgets in a crash, and what it never forgets.
import ShaleBytes
import ShalePlatform
import Simulation
import Testing

struct CrashTests {
    static let sector = 512

    /// A durable file of eight sectors of ones, and then one unsynced write of twos over all of it.
    static func overwritten(seed: UInt64) throws -> SimulatedWorld {
        let simulation = SimulatedWorld(seed: seed)
        let file = try simulation.files.open("file", .create)
        try file.write([UInt8](repeating: 1, count: 8 * sector), at: 0)
        try file.sync()
        try simulation.files.syncDirectory("")
        try file.write([UInt8](repeating: 2, count: 8 * sector), at: 0)
        return simulation
    }

    static func sectors(_ simulation: SimulatedWorld) throws -> [Set<UInt8>] {
        let bytes = try simulation.disk.contents("file")
        return stride(from: 0, to: bytes.count, by: sector).map {
            Set(bytes[$0..<min($0 + sector, bytes.count)])
        }
    }

    @Test func `a write is torn between sectors and never inside one`() throws {
        var tornCount = 0
        for seed in 0..<50 as Range<UInt64> {
            let simulation = try Self.overwritten(seed: seed)
            simulation.crash(.tearUnsynced)
            let sectors = try Self.sectors(simulation)
            #expect(sectors.allSatisfy { $0 == [1] || $0 == [2] })
            if Set(sectors).count == 2 { tornCount += 1 }
        }
        #expect(tornCount > 40)
    }

    @Test func `by seed every fate occurs: lost, kept and torn`() throws {
        var fates: Set<String> = []
        for seed in 0..<60 as Range<UInt64> {
            let simulation = try Self.overwritten(seed: seed)
            simulation.crash()
            let sectors = Set(try Self.sectors(simulation))
            fates.insert(sectors.count == 2 ? "torn" : sectors == [[1]] ? "lost" : "kept")
        }
        #expect(fates == ["lost", "kept", "torn"])
    }

    @Test(
        arguments: [
            (CrashMode.dropUnsynced, 1), (.keepUnsynced, 2), (.killProcess, 2),
        ] as [(CrashMode, UInt8)]
    )
    func `each mode does what it says`(mode: CrashMode, byte: UInt8) throws {
        let simulation = try Self.overwritten(seed: 1)
        simulation.crash(mode)
        #expect(Set(try Self.sectors(simulation)) == [[byte]])
    }

    @Test func `what a dead process wrote is still lost with the power`() throws {
        let simulation = try Self.overwritten(seed: 1)
        simulation.crash(.killProcess)
        simulation.crash(.dropUnsynced)
        #expect(Set(try Self.sectors(simulation)) == [[1]])
    }

    @Test func `later writes to a sector never survive without the earlier ones`() throws {
        for seed in 0..<40 as Range<UInt64> {
            let simulation = SimulatedWorld(seed: seed)
            let file = try simulation.files.open("file", .create)
            try simulation.files.syncDirectory("")
            try file.truncate(to: 512)
            try file.sync()
            for write in 1...5 as ClosedRange<UInt8> { try file.write([write], at: Int(write)) }
            simulation.crash()
            let bytes = try simulation.disk.contents("file")
            let kept = bytes[1...5].prefix { $0 != 0 }.count
            #expect(Array(bytes[1...5]) == (1...5).map { $0 <= kept ? UInt8($0) : 0 })
        }
    }

    @Test func `an unsynced name vanishes and a synced one stays`() throws {
        let simulation = SimulatedWorld(seed: 3)
        try simulation.files.createDirectory("d")
        try simulation.files.syncDirectory("")
        try simulation.files.open("d/kept", .create).sync()
        try simulation.files.syncDirectory("d")
        try simulation.files.open("d/lost", .create).sync()
        try simulation.files.createDirectory("e")
        try simulation.files.syncDirectory("e")
        simulation.crash(.dropUnsynced)
        #expect(try simulation.files.list("d") == ["kept"])
        #expect(try simulation.files.list("") == ["d"])
    }

    @Test func `by seed an unsynced name is sometimes there and sometimes not`() throws {
        let counts = try (0..<40).map { seed -> Int in
            let simulation = SimulatedWorld(seed: UInt64(seed))
            for name in ["a", "b", "c"] { _ = try simulation.files.open(name, .create) }
            simulation.crash()
            return try simulation.files.list("").count
        }
        #expect(Set(counts) == [0, 1, 2, 3])
    }

    @Test func `a rename survives whole or not at all`() throws {
        for seed in 0..<40 as Range<UInt64> {
            let simulation = SimulatedWorld(seed: seed)
            for (name, byte) in [("new", UInt8(2)), ("current", 1)] {
                let file = try simulation.files.open(name, .create)
                try file.write([byte], at: 0)
                try file.sync()
            }
            try simulation.files.syncDirectory("")
            try simulation.files.rename("new", to: "current")
            simulation.crash()
            let names = try simulation.files.list("")
            let current = try simulation.disk.contents("current")
            #expect(
                (names == ["current"] && current == [2])
                    || (names == ["current", "new"] && current == [1])
            )
        }
    }

    @Test func `a change of a name never survives without the one it builds on`() throws {
        var left: Set<[String]> = []
        for seed in 0..<80 as Range<UInt64> {
            let simulation = SimulatedWorld(seed: seed)
            _ = try simulation.files.open("x", .create)
            try simulation.files.rename("x", to: "y")
            try simulation.files.rename("y", to: "z")
            simulation.crash(.tearUnsynced)
            left.insert(try simulation.files.list(""))
        }
        #expect(left == [[], ["x"], ["y"], ["z"]])
    }

    @Test func `a name that another needs is synced with it`() throws {
        let simulation = SimulatedWorld(seed: 1)
        try simulation.files.createDirectory("d")
        _ = try simulation.files.open("x", .create)
        try simulation.files.rename("x", to: "d/x")
        try simulation.files.syncDirectory("d")
        simulation.crash(.dropUnsynced)
        #expect(try simulation.files.kind(of: "x") == nil)
        #expect(simulation.disk.durableContents("x") == nil)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `a synced byte never vanishes`(seed: UInt64) throws {
        let simulation = SimulatedWorld(seed: seed)
        var generator = SimulatedGenerator(seed: seed, stream: 99)
        var model: [UInt8] = []
        var synced: [UInt8] = []
        var written = Set<Int>()
        let file = try simulation.files.open("file", .create)
        try simulation.files.syncDirectory("")
        for _ in 0..<generator.below(30) {
            switch generator.below(4) {
            case 0:
                try file.sync()
                synced = model
                written = []
            case 1 where !model.isEmpty:
                try file.zeroFill(from: model.count / 2, to: model.count + 600)
                written.formUnion((model.count / 2)..<(model.count + 600))
                let kept = model.count / 2
                model =
                    Array(model[..<kept]) + [UInt8](repeating: 0, count: model.count + 600 - kept)
            default:
                let offset = generator.below(model.count + 1)
                let byte = UInt8(generator.below(255) + 1)
                let bytes = [UInt8](repeating: byte, count: 1 + generator.below(1_500))
                try file.write(bytes, at: offset)
                written.formUnion(offset..<(offset + bytes.count))
                if model.count < offset + bytes.count {
                    let growth = offset + bytes.count - model.count
                    model += [UInt8](repeating: 0, count: growth)
                }
                model.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            }
            #expect(try file.read(at: 0, count: model.count + 10) == model)
        }
        simulation.crash()
        let left = try simulation.disk.contents("file")
        #expect(left.count >= synced.count)
        for index in synced.indices where !written.contains(index) {
            #expect(left[index] == synced[index])
        }
    }

    @Test func `handles, locks and the old file system die with the machine`() throws {
        let simulation = SimulatedWorld(seed: 5)
        let oldFiles = simulation.files
        let file = try oldFiles.open("file", .create)
        try file.sync()
        try oldFiles.syncDirectory("")
        let lock = try oldFiles.lock("LOCK")
        #expect(throws: FileError.self) { try oldFiles.lock("LOCK") }
        simulation.crash()
        #expect(throws: FileError.self) { try file.write([1], at: 0) }
        #expect(throws: FileError.self) { try file.sync() }
        #expect(throws: FileError.self) { try oldFiles.open("other", .create) }
        let again = try simulation.files.lock("LOCK")
        lock.release()
        #expect(throws: FileError.self) { try simulation.files.lock("LOCK") }
        again.release()
        file.close()
    }

    @Test(arguments: [SimulatedWorld.Leftovers.drop, .runIntoErrors])
    func `a task that a crash cuts off ends in an error only if it goes on`(
        leftovers: SimulatedWorld.Leftovers
    ) throws {
        let simulation = SimulatedWorld(seed: 5)
        let file = try simulation.files.open("file", .create)
        let task = simulation.startTask { try file.write([1], at: 0) }
        simulation.crash(.bySeed, leftovers: leftovers)
        #expect(task.isFinished == (leftovers == .runIntoErrors))
        if let result = task.result {
            #expect(throws: FileError.self) { try result.get() }
        }
    }

    @Test func `steps of the dead machine never run`() throws {
        let simulation = SimulatedWorld(seed: 5)
        let log = OrderLog()
        let old = simulation.world.scheduler
        old.schedule(.log) { log.add(1) }
        simulation.crash()
        old.schedule(.log) { log.add(2) }
        simulation.world.scheduler.schedule(.log) { log.add(3) }
        try simulation.scheduler.runUntilIdle()
        #expect(log.order == [3])
    }
}
