/// Files that live in this process and die with it, for databases in memory.
///
/// Everything behaves as on a disk but durability: syncing does nothing. A file that was removed
/// lives on while it is open. One mutex guards the names and each file has one for its bytes.

internal import Synchronization

/// Files in memory.
public final class MemoryFileSystem: FileSystem {
    private let space: MemorySpace
    private let names = Mutex(MemoryNames())

    /// An empty file system whose files together hold at most `capacityBytes`.
    public init(capacityBytes: Int = .max) {
        space = MemorySpace(capacityBytes: capacityBytes)
    }

    /// Opens a file, or makes one.
    public func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File {
        let content = try change("open", path) { (names) throws(FileComplaint) in
            mode == .create
                ? try names.create(FilePath(path), in: space)
                : try names.file(FilePath(path))
        }
        return MemoryFile(content, path: path, mayWrite: mode != .read)
    }

    /// Makes one directory.
    public func createDirectory(_ path: String) throws(FileError) {
        try change("createDirectory", path) { (names) throws(FileComplaint) in
            try names.createDirectory(FilePath(path))
        }
    }

    /// What a path names.
    public func kind(of path: String) throws(FileError) -> FileKind? {
        names.withLock { $0.kind(of: FilePath(path)) }
    }

    /// The names in a directory in the order of their bytes.
    public func list(_ directory: String) throws(FileError) -> [String] {
        try change("list", directory) { (names) throws(FileComplaint) in
            try names.list(FilePath(directory))
        }
    }

    /// Renames a file or a directory.
    public func rename(_ from: String, to: String) throws(FileError) {
        try change("rename", from) { (names) throws(FileComplaint) in
            try names.rename(FilePath(from), to: FilePath(to))
        }
    }

    /// A second name for the same file.
    public func link(_ from: String, to: String) throws(FileError) {
        try change("link", from) { (names) throws(FileComplaint) in
            try names.link(FilePath(from), to: FilePath(to))
        }
    }

    /// Removes a file or an empty directory.
    public func remove(_ path: String) throws(FileError) {
        try change("remove", path) { (names) throws(FileComplaint) in
            try names.remove(FilePath(path))
        }
    }

    /// Makes sure that the directory exists; nothing here outlives the process.
    public func syncDirectory(_ path: String) throws(FileError) {
        try change("syncDirectory", path) { (names) throws(FileComplaint) in
            _ = try names.list(FilePath(path))
        }
    }

    /// What is left of the capacity.
    public func freeSpaceBytes(_ directory: String) throws(FileError) -> Int {
        space.freeBytes
    }

    /// Takes the lock of a file.
    public func lock(_ path: String) throws(FileError) -> any FileLock {
        let content = try change("lock", path) { (names) throws(FileComplaint) in
            guard names.kind(of: FilePath(path)) == nil else {
                return try names.file(FilePath(path))
            }
            return try names.create(FilePath(path), in: space)
        }
        guard let lock = MemoryLock(content) else { throw FileError(.isLocked, "lock", path) }
        return lock
    }

    private func change<Answer: Sendable>(
        _ operation: String,
        _ path: String,
        _ body: (inout MemoryNames) throws(FileComplaint) -> Answer
    ) throws(FileError) -> Answer {
        do throws(FileComplaint) {
            return try names.withLock { (names) throws(FileComplaint) in try body(&names) }
        } catch {
            throw FileError(error, operation, path)
        }
    }
}

extension World {
    /// A world whose files live in memory, with real clocks, randomness and threads.
    ///
    /// - Parameters:
    ///   - capacityBytes: how much all files together may hold.
    ///   - readThreads: how many reads run side by side.
    ///   - compactionThreads: how many compaction steps run side by side.
    /// - Returns: a world with an empty file system; who opens it shuts its scheduler down.
    public static func inMemory(
        capacityBytes: Int = .max,
        readThreads: Int = 4,
        compactionThreads: Int = 1
    ) -> World {
        World(
            files: MemoryFileSystem(capacityBytes: capacityBytes),
            time: PosixTimeSource(),
            randomness: SystemRandomness(),
            scheduler: ThreadScheduler(
                readThreads: readThreads,
                compactionThreads: compactionThreads
            )
        )
    }
}
