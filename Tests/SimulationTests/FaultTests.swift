/// The faults that a test orders strike exactly there.
import ShalePlatform
import Simulation
import Testing

struct FaultTests {
    @Test func `the nth write to a path fails and nothing else does`() throws {
        let simulation = SimulatedWorld(seed: 1)
        simulation.disk.inject(DiskFault(.write, path: "log", nth: 2))
        let log = try simulation.files.open("log-1", .create)
        let run = try simulation.files.open("run-1", .create)
        try run.write([9], at: 0)
        try log.write([1], at: 0)
        try run.write([9], at: 1)
        let error = #expect(throws: FileError.self) { try log.write([2], at: 1) }
        #expect(error?.code == .inputOutput)
        try log.write([3], at: 1)
        #expect(try log.read(at: 0, count: 9) == [1, 3])
    }

    @Test func `a repeated fault goes on until it is removed`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let file = try simulation.files.open("a", .create)
        simulation.disk.inject(DiskFault(.read, repeats: true, effect: .fail(.permissionDenied)))
        for _ in 0..<3 {
            let error = #expect(throws: FileError.self) { try file.read(at: 0, count: 1) }
            #expect(error?.code == .permissionDenied)
        }
        simulation.disk.removeFaults()
        #expect(try file.read(at: 0, count: 1) == [])
    }

    @Test(
        arguments: [
            (DiskFault.Effect.fail(.inputOutput), [2]), (.failAndForget, []), (.failYetArrive, [2]),
        ] as [(DiskFault.Effect, [UInt8])]
    )
    func `after a failed sync the next one looks clean`(
        effect: DiskFault.Effect,
        left: [UInt8]
    ) throws {
        let simulation = SimulatedWorld(seed: 1)
        let file = try simulation.files.open("a", .create)
        try simulation.files.syncDirectory("")
        try file.write([2], at: 0)
        simulation.disk.inject(DiskFault(.sync, effect: effect))
        #expect(throws: FileError.self) { try file.sync() }
        #expect((simulation.disk.durableContents("a") == [2]) == (effect == .failYetArrive))
        try file.sync()
        #expect(try file.read(at: 0, count: 1) == [2])
        simulation.crash(.dropUnsynced)
        #expect(try simulation.disk.contents("a") == left)
    }

    @Test func `a full disk takes what fits and then says so`() throws {
        let simulation = SimulatedWorld(seed: 1)
        simulation.disk.setCapacity(bytes: 1_000)
        let file = try simulation.files.open("a", .create)
        try file.write([UInt8](repeating: 1, count: 900), at: 0)
        let error = #expect(throws: FileError.self) {
            try file.write([UInt8](repeating: 2, count: 200), at: 900)
        }
        #expect(error?.code == .noSpace)
        #expect(try file.sizeBytes() == 1_000)
        try file.write([3], at: 0)
        #expect(throws: FileError.self) { try file.zeroFill(from: 1_000, to: 1_001) }
        #expect(try simulation.files.freeSpaceBytes("") == 0)
        file.close()
        try simulation.files.remove("a")
        #expect(try simulation.files.freeSpaceBytes("") == 1_000)
    }

    @Test func `after the power is cut every call fails until the crash`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let file = try simulation.files.open("a", .create)
        try simulation.files.syncDirectory("")
        simulation.disk.cutPower(afterOperations: 2)
        try file.write([1], at: 0)
        #expect(!simulation.disk.isPowerCut)
        try file.sync()
        #expect(simulation.disk.isPowerCut)
        #expect(throws: FileError.self) { try file.read(at: 0, count: 1) }
        #expect(throws: FileError.self) { try file.write([2], at: 0) }
        #expect(throws: FileError.self) { try simulation.files.list("") }
        simulation.crash(.keepUnsynced)
        #expect(try simulation.disk.contents("a") == [1])
    }

    @Test func `a damaged byte reads as damaged, for good`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let file = try simulation.files.open("a", .create)
        try file.write([1, 2, 3], at: 0)
        try file.sync()
        try simulation.files.syncDirectory("")
        try simulation.disk.damage("a", at: 1, flipping: 0x80)
        #expect(try file.read(at: 0, count: 3) == [1, 0x82, 3])
        simulation.crash(.dropUnsynced)
        #expect(try simulation.disk.contents("a") == [1, 0x82, 3])
    }
}
