import ShalePlatform
import Testing

/// Files with owners and permissions, and removing what programs leave.
@Suite struct ProgramFilesTests {
    private static func inDirectory(_ body: (String) throws -> Void) throws {
        let name = String(World.posix().randomness.next(), radix: 36)
        let directory = "/tmp/shale-files-\(name)"
        try ProgramFiles.makeDirectory(directory, mode: 0o755)
        try body(directory)
        try ProgramFiles.removeTree(directory)
        #expect(ProgramFiles.status(directory) == nil)
    }

    @Test func `a file has the bytes and the mode that it was given`() throws {
        try Self.inDirectory { directory in
            let path = directory + "/a"
            try ProgramFiles.write([1, 2, 3], path, mode: 0o567)
            #expect((ProgramFiles.status(path)?.mode ?? 0) & 0o777 == 0o567)
            #expect(ProgramFiles.beginning(path, 2) == [1, 2])
            #expect(ProgramFiles.contents(path) == [1, 2, 3])
            #expect(throws: FileError.self) { try ProgramFiles.write([4], path, mode: 0o600) }
            #expect(ProgramFiles.realPath(directory + "/./a") == path)
            #expect(ProgramFiles.realPath(directory + "/b") == nil)
        }
    }

    @Test func `a tree goes, however deep, and whatever its permissions are`() throws {
        try Self.inDirectory { directory in
            var deep = directory
            for level in 0..<150 {
                deep += "/d"
                try ProgramFiles.makeDirectory(deep, mode: 0o700)
                try ProgramFiles.write([1], deep + "/f\(level)", mode: 0o400)
            }
            try ProgramFiles.setMode(directory + "/d/d", 0)
        }
    }

    @Test(arguments: [(0o755, 0o755, true), (0o700, 0o755, false), (0o755, 0o750, false)])
    func `a file is open to all where everything above it is`(
        above: UInt32,
        mode: UInt32,
        wanted: Bool
    ) throws {
        try Self.inDirectory { directory in
            try ProgramFiles.makeDirectory(directory + "/a", mode: above)
            try ProgramFiles.write([], directory + "/a/b", mode: mode)
            #expect(ProgramFiles.isOpenToAll(directory + "/a/b") == wanted)
        }
    }
}
