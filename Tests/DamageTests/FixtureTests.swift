import Damage
import ShalePlatform
import Simulation
import Testing

/// Databases that earlier versions of this program wrote, one directory for each format; `Tools/fixtures`
/// makes those of the present one.
struct FixtureTests {
    private typealias Files = [(name: String, bytes: [UInt8])]

    /// Every fixture of every format.
    static let paths: [String] = {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        let names = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let root = names.dropLast().joined(separator: "/") + "/Fixtures"
        let formats = (try? world.files.list(root)) ?? []
        return formats.flatMap { format in
            let fixtures = (try? world.files.list("\(root)/\(format)")) ?? []
            return fixtures.map { "\(root)/\(format)/\($0)" }
        }
    }()

    private func files(_ path: String) throws -> Files {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        return try world.files.list(path).map { name in
            let file = try world.files.open("\(path)/\(name)", .read)
            defer { file.close() }
            return (name, try file.read(at: 0, count: file.sizeBytes()))
        }
    }

    @Test func `there are fixtures of format 1, with files of all kinds`() throws {
        let found = Self.paths.filter { $0.contains("/format-1/") }
        #expect(found.count == FixtureEnding.allCases.count)
        for path in found {
            let names = try files(path).map(\.name)
            for suffix in [".log", ".run", ".blob", "MANIFEST"] {
                #expect(names.contains { $0.hasSuffix(suffix) }, "\(path) has no \(suffix)")
            }
        }
    }

    @Test(arguments: paths)
    func `a database of an earlier version is whole, and holds what was written`(
        path: String
    ) throws {
        let simulation = Fixture.world(try files(path))
        #expect(try Fixture.problems(simulation).isEmpty)
        try Fixture.openAndCompare(simulation)
        // What this version makes of it is whole as well.
        #expect(try Fixture.problems(simulation).isEmpty)
        try Fixture.openAndCompare(simulation)
    }

    @Test(arguments: paths, [CrashMode.dropUnsynced, .keepUnsynced, .tearUnsynced])
    func `a crash at any operation of the disk while it is opened loses nothing`(
        path: String,
        mode: CrashMode
    ) throws {
        let files = try files(path)
        var operation = 1
        var isThrough = false
        while !isThrough {
            let simulation = Fixture.world(files, seed: UInt64(operation))
            simulation.disk.cutPower(afterOperations: operation)
            _ = try? Fixture.openAndCompare(simulation)
            isThrough = !simulation.disk.isPowerCut
            simulation.crash(mode, leftovers: .runIntoErrors)
            do {
                try Fixture.openAndCompare(simulation)
            } catch {
                Issue.record("the power was cut after operation \(operation): \(error)")
            }
            operation += 1
        }
        #expect(operation > 10)
    }

    /// The comparison notices what is missing.
    @Test func `a fixture without its newest log is not what was written`() throws {
        let path = try #require(Self.paths.first { $0.hasSuffix("/crashed") })
        var files = try files(path)
        let log = try #require(files.firstIndex { $0.name.hasSuffix(".log") })
        files[log].bytes = [UInt8](repeating: 0, count: files[log].bytes.count)
        let simulation = Fixture.world(files)
        #expect(throws: (any Error).self) { try Fixture.openAndCompare(simulation) }
    }
}
