/// What is particular about files in memory: their capacity.
import ShalePlatform
import Testing

struct MemoryFileSystemTests {
    @Test func `files hold no more than the capacity, and give back what they held`() throws {
        let files = MemoryFileSystem(capacityBytes: 100)
        let file = try files.open("a", .create)
        try file.write([UInt8](repeating: 1, count: 60), at: 0)
        #expect(try files.freeSpaceBytes("") == 40)
        let error = #expect(throws: FileError.self) { try file.zeroFill(from: 0, to: 101) }
        #expect(error?.code == .noSpace)
        #expect(try file.read(at: 0, count: 100) == [UInt8](repeating: 1, count: 60))
        #expect(throws: FileError.self) {
            try file.write([UInt8](repeating: 1, count: 41), at: 60)
        }
        try file.truncate(to: 10)
        #expect(try files.freeSpaceBytes("") == 90)
    }

    @Test func `a removed file gives its space back when it is dropped`() throws {
        let files = MemoryFileSystem(capacityBytes: 100)
        var file: (any File)? = try files.open("a", .create)
        try file?.write([UInt8](repeating: 1, count: 60), at: 0)
        try files.remove("a")
        #expect(try files.freeSpaceBytes("") == 40)
        file = nil
        #expect(try files.freeSpaceBytes("") == 100)
    }

    @Test func `a world in memory has everything`() throws {
        let world = World.inMemory()
        let file = try world.files.open("a", .create)
        try file.write([1], at: 0)
        #expect(world.time.wallMilliseconds > 1_700_000_000_000)
        #expect(world.randomness.next() != world.randomness.next())
        let gate = world.scheduler.makeGate()
        world.scheduler.schedule(.log) { gate.open() }
        gate.wait()
        world.scheduler.shutDown()
        #expect(try World.inMemory().files.list("") == [])
    }
}
