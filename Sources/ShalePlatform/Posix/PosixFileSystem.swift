/// The directories of the operating system.
///
/// Paths are handed to the system as they are; relative ones start at the working directory.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The operating system's files.
public struct PosixFileSystem: FileSystem {
    /// All instances are alike.
    public init() {}

    /// Opens a file with one call, and a second one that makes sure of what it is.
    public func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        return try Self.call("open", path) { () throws(SystemFailure) in
            let file = PosixFile(try SystemCalls.openFile(path, flags), path: path)
            // The system opens directories for reading, and only the first read fails.
            if mode == .read, try Self.kind(SystemCalls.status(ofPath: path)) == .directory {
                throw SystemFailure(number: EISDIR)
            }
            return file
        }
    }

    /// Makes one directory, for its owner to write and all to read.
    public func createDirectory(_ path: String) throws(FileError) {
        try Self.call("createDirectory", path) { () throws(SystemFailure) in
            do throws(SystemFailure) {
                try SystemCalls.makeDirectory(path)
            } catch {
                guard error.number == EEXIST,
                    try Self.kind(SystemCalls.status(ofPath: path)) == .directory
                else { throw error }
            }
        }
    }

    /// What a path names; symbolic links are followed.
    public func kind(of path: String) throws(FileError) -> FileKind? {
        do throws(SystemFailure) {
            return Self.kind(try SystemCalls.status(ofPath: path))
        } catch {
            if error.code == .notFound { return nil }
            throw error.during("kind", path)
        }
    }

    /// The names in a directory in the order of their bytes.
    public func list(_ directory: String) throws(FileError) -> [String] {
        try Self.call("list", directory) { () throws(SystemFailure) in
            try SystemCalls.names(in: directory)
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Renames within one file system, in one step.
    public func rename(_ from: String, to: String) throws(FileError) {
        try Self.call("rename", from) { () throws(SystemFailure) in
            try SystemCalls.renameFile(from, to)
        }
    }

    /// Makes a hard link, or says that the file system has none.
    public func link(_ from: String, to: String) throws(FileError) {
        do throws(SystemFailure) {
            try SystemCalls.linkFile(from, to)
        } catch {
            var failure = error.during("link", from)
            // All of these mean: not between these two names. A copy will do.
            if [EXDEV, EPERM, EMLINK].contains(error.number) { failure.code = .notSupported }
            throw failure
        }
    }

    /// Removes a file or an empty directory.
    public func remove(_ path: String) throws(FileError) {
        try Self.call("remove", path) { () throws(SystemFailure) in
            do throws(SystemFailure) {
                try SystemCalls.removeFile(path)
            } catch {
                // What the systems answer for a directory: Linux the first, macOS the second.
                guard error.number == EISDIR || error.number == EPERM,
                    try Self.kind(SystemCalls.status(ofPath: path)) == .directory
                else { throw error }
                try SystemCalls.removeDirectory(path)
            }
        }
    }

    /// Makes the names in a directory durable.
    public func syncDirectory(_ path: String) throws(FileError) {
        try Self.call("syncDirectory", path) { () throws(SystemFailure) in
            let descriptor = try SystemCalls.openFile(path, O_RDONLY | O_DIRECTORY)
            defer { SystemCalls.closeFile(descriptor) }
            try SystemCalls.syncNames(descriptor)
        }
    }

    /// What an unprivileged process can still write, by `statvfs`.
    public func freeSpaceBytes(_ directory: String) throws(FileError) -> Int {
        try Self.call("freeSpaceBytes", directory) { () throws(SystemFailure) in
            try SystemCalls.freeSpaceBytes(directory)
        }
    }

    /// Takes a lock by `flock` on an opening of its own.
    public func lock(_ path: String) throws(FileError) -> any FileLock {
        try Self.call("lock", path) { () throws(SystemFailure) in
            let lock = PosixLock(try SystemCalls.openFile(path, O_RDWR | O_CREAT))
            try lock.take()
            return lock
        }
    }

    private static func kind(_ status: stat) -> FileKind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .directory
        default: .other
        }
    }

    private static func call<Answer>(
        _ operation: String,
        _ path: String,
        _ body: () throws(SystemFailure) -> Answer
    ) throws(FileError) -> Answer {
        do throws(SystemFailure) {
            return try body()
        } catch {
            throw error.during(operation, path)
        }
    }
}

/// The lock of a file that was opened for it alone.
///
/// The system keeps it with this opening, so it shuts out other processes and other openings in
/// this one alike, and ends with the process whatever happens.
final class PosixLock: FileLock {
    private let descriptor: Descriptor

    init(_ number: Int32) { descriptor = Descriptor(number) }

    /// Takes the lock, unless somebody holds it for a second.
    ///
    /// A process that is killed gives it up, but a child that it was just forking holds a copy of the opening until it calls
    /// `exec`: whoever starts the next process at once would be refused.
    ///
    /// - Parameter pause: Is called between two tries: ten milliseconds.
    /// - Throws: With the code `.locked` when it was not let go; what the system says else.
    func take(
        pause: () -> Void = { usleep(PosixLock.pauseMicroseconds) }
    ) throws(SystemFailure) {
        var pauses = Self.pauses
        while true {
            do throws(SystemFailure) {
                _ = try descriptor.use { (number) throws(SystemFailure) in
                    try SystemCalls.lockFile(number)
                }
                return
            } catch {
                guard error.code == .locked, pauses > 0 else { throw error }
                pauses -= 1
                pause()
            }
        }
    }

    static let pauses = 100
    private static let pauseMicroseconds: UInt32 = 10_000

    /// Gives the lock up, and not only this descriptor: a child that another thread has forked and that has not
    /// called `exec` yet holds a copy of the opening, and with it the lock.
    func release() {
        // If that fails, closing gives up this copy all the same.
        try? descriptor.use { (number) throws(SystemFailure) in
            try SystemCalls.unlockFile(number)
        }
        descriptor.close()
    }
}
