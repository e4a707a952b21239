@testable import ShaleEngine
import ShalePlatform
import Simulation
import Testing

struct FileRemovalTests {
    private let simulation = SimulatedWorld(seed: 3)

    /// Files in the directory, which say that they take a second to delete.
    private func make(_ count: Int) throws -> (FileRemoval, [RunFile]) {
        let world = simulation.world
        try world.files.createDirectory("d")
        let files = try (1...count).map { number in
            let reference = RunFileReference(
                number: FileNumber(UInt64(number)),
                identity: FileIdentity(first: 1, second: 2),
                sizeBytes: 2 * 1024 * 1024 * 1024,
                footerChecksum: 0
            )
            let cache = BlockCache(capacityBytes: 0)
            let file = RunFile(reference, in: "d", files: world.files, cache: cache)
            try world.files.open("d/" + file.name, .create).close()
            return file
        }
        return (FileRemoval(world, "d", nil), files)
    }

    private var left: Int {
        get throws { try simulation.world.files.list("d").count }
    }

    @Test func `files are deleted one by one, with time between them`() throws {
        let (removal, files) = try make(4)
        for file in files { removal.add(file) }
        #expect(try left == 4)
        for expected in [3, 2, 1, 0] {
            try simulation.scheduler.run(for: .milliseconds(990))
            #expect(try left == expected)
        }
        // Another after a while begins at once.
        try simulation.world.files.open("d/" + files[0].name, .create).close()
        try simulation.scheduler.run(for: .seconds(5))
        removal.add(files[0])
        try simulation.scheduler.run(for: .milliseconds(1))
        #expect(try left == 0)
    }

    @Test func `what waits when the database is closed goes at once, and then nothing`() throws {
        let (removal, files) = try make(4)
        for file in files { removal.add(file) }
        try simulation.scheduler.run(for: .milliseconds(10))
        removal.finish()
        #expect(try left == 0)
        // The number is another file's now.
        try simulation.world.files.open("d/" + files[3].name, .create).close()
        removal.add(files[3])
        try simulation.scheduler.run(for: .seconds(10))
        #expect(try left == 1)
    }

    @Test func `on a full disk nothing waits`() throws {
        let (removal, files) = try make(4)
        for file in files { removal.add(file) }
        try simulation.scheduler.run(for: .milliseconds(10))
        #expect(try left == 3)
        removal.hurry()
        try simulation.scheduler.run(for: .milliseconds(10))
        #expect(try left == 0)
        #expect(removal.count == 0)
    }
}
