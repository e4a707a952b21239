/// Names, directories and locks: every file system passes the same table.
import ShalePlatform
import Testing

struct FileSystemTests {
    @Test(arguments: FileSystemKind.allCases)
    func `opening finds what is there and makes what is not`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let path = "\(directory)/a"
            #expect(try code { _ = try files.open(path, .read) } == .notFound)
            #expect(try code { _ = try files.open(path, .readWrite) } == .notFound)
            _ = try files.open(path, .create)
            #expect(try code { _ = try files.open(path, .create) } == .alreadyExists)
            #expect(try code { _ = try files.open("\(directory)/x/a", .create) } == .notFound)
            #expect(try code { _ = try files.open("\(path)/a", .create) } == .notFound)
            #expect(try code { _ = try files.open(directory, .read) } == .inputOutput)
            #expect(try code { _ = try files.open(directory, .readWrite) } == .inputOutput)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a path names a file, a directory or nothing`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            _ = try files.open("\(directory)/a", .create)
            #expect(try files.kind(of: "\(directory)/a") == .file)
            #expect(try files.kind(of: directory) == .directory)
            #expect(try files.kind(of: "\(directory)//./a") == .file)
            #expect(try files.kind(of: "\(directory)/b") == nil)
            #expect(try files.kind(of: "\(directory)/a/b") == nil)
            #expect(try files.kind(of: "\(directory)/b/c") == nil)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `names are listed in the order of their bytes`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            // The last two are one string to Unicode and two names to a file system.
            let names = ["b", "B", "a10", "a9", "é", "e\u{301}"]
            for name in names { _ = try files.open("\(directory)/\(name)", .create) }
            try files.createDirectory("\(directory)/sub")
            let listed = try files.list(directory)
            let expected = ["B", "a10", "a9", "b", "e\u{301}", "sub", "é"]
            #expect(listed.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
            #expect(try code { _ = try files.list("\(directory)/none") } == .notFound)
            #expect(try code { _ = try files.list("\(directory)/b") } == .notFound)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a directory is made once and again`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let path = "\(directory)/sub"
            try files.createDirectory(path)
            _ = try files.open("\(path)/a", .create)
            try files.createDirectory(path)
            #expect(try files.list(path) == ["a"])
            #expect(try code { try files.createDirectory("\(path)/a") } == .alreadyExists)
            #expect(try code { try files.createDirectory("\(path)/x/y") } == .notFound)
            try files.syncDirectory(path)
            #expect(try code { try files.syncDirectory("\(path)/x") } == .notFound)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `renaming replaces, and open files stay what they were`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let (first, second) = ("\(directory)/1", "\(directory)/2")
            try files.open(first, .create).write([1], at: 0)
            let replaced = try files.open(second, .create)
            try replaced.write([2], at: 0)
            try files.rename(first, to: second)
            #expect(try files.list(directory) == ["2"])
            #expect(try files.open(second, .read).read(at: 0, count: 9) == [1])
            #expect(try replaced.read(at: 0, count: 9) == [2])
            #expect(try code { try files.rename(first, to: second) } == .notFound)
            try files.rename(second, to: second)
            try files.createDirectory("\(directory)/sub")
            try files.rename(second, to: "\(directory)/sub/3")
            try files.rename("\(directory)/sub", to: "\(directory)/moved")
            #expect(try files.open("\(directory)/moved/3", .read).read(at: 0, count: 9) == [1])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a linked file has two names and one content`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let (first, second) = ("\(directory)/1", "\(directory)/2")
            try files.open(first, .create).write([1], at: 0)
            try files.link(first, to: second)
            try files.open(second, .readWrite).write([5], at: 0)
            #expect(try files.open(first, .read).read(at: 0, count: 9) == [5])
            #expect(try code { try files.link(first, to: second) } == .alreadyExists)
            #expect(try code { try files.link("\(directory)/3", to: second) } == .notFound)
            try files.remove(first)
            #expect(try files.open(second, .read).read(at: 0, count: 9) == [5])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a removed name is gone and its open file stays`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let path = "\(directory)/sub/a"
            try files.createDirectory("\(directory)/sub")
            let file = try files.open(path, .create)
            try file.write([3], at: 0)
            #expect(try code { try files.remove("\(directory)/sub") } == .inputOutput)
            try files.remove(path)
            try files.syncDirectory("\(directory)/sub")
            #expect(try file.read(at: 0, count: 9) == [3])
            #expect(try code { try files.remove(path) } == .notFound)
            try files.remove("\(directory)/sub")
            #expect(try files.list(directory) == [])
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `a lock shuts others out until it is given back`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let path = "\(directory)/LOCK"
            let lock = try files.lock(path)
            #expect(try files.kind(of: path) == .file)
            #expect(try code { _ = try files.lock(path) } == .locked)
            _ = try files.lock("\(directory)/OTHER")
            lock.release()
            lock.release()
            var second: (any FileLock)? = try files.lock(path)
            lock.release()
            #expect(try code { _ = try files.lock(path) } == .locked)
            withExtendedLifetime(second) {}
            second = nil
            _ = try files.lock(path)
        }
    }

    @Test(arguments: FileSystemKind.allCases)
    func `there is space`(kind: FileSystemKind) throws {
        try kind.withDirectory { files, directory in
            let bytes = try files.freeSpaceBytes(directory)
            #expect(bytes > 1_000_000)
        }
    }

    @Test func `another process cannot take the lock`() async throws {
        try FileSystemKind.posix.withDirectory { files, directory in
            let path = "\(directory)/LOCK"
            let lock = try files.lock(path)
            let wasFree = try LockProbe.isFree(path)
            lock.release()
            #expect(!wasFree)
            #expect(try LockProbe.isFree(path))
        }
    }

    @Test func `an error says what, where and why`() throws {
        let error = #expect(throws: FileError.self) {
            try PosixFileSystem().open("no/such/file", .read)
        }
        #expect(error?.description == "open of no/such/file failed: No such file or directory")
    }
}
