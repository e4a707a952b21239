internal import ShalePlatform
internal import Synchronization

/// Room on the disk: a reserve that is given back when the disk is full, and whether it is.
///
/// The reserve is a file that holds nothing. With its space, flushes, merges, deletions and the manifest go
/// on on a full disk, and make room where there is room to be made; new values are refused meanwhile, so
/// that it is not used up by them. Once there is space for the reserve and for a segment of the log it is
/// made again, and writes are taken.
final class DiskSpace: Sendable {
    /// Holds the reserve.
    static let reserveName = "RESERVE"
    /// A segment of the log, and the smallest of flushes: so an empty database stays below 4 MiB.
    static let smallestReserveBytes = 1_536 * 1024
    /// The reserve is this part of the database, between that and what a flush and a merged file take.
    static let reserveShare = 8
    /// The reserve grows in steps of this.
    private static let reserveUnit = 256 * 1024
    /// What is free beside the reserve when writes are taken again: two new segments of the log, the one that is
    /// written and the next.
    static let resumeMarginBytes = 2 * 1024 * 1024 + 64 * 1024
    /// How often it is looked whether there is space again.
    static let probeDelay = Duration.seconds(1)

    private struct State: Sendable {
        /// What the reserve takes now.
        var reserveBytes = 0
        var fullCount = 0
        var error: EngineError?
    }

    private let state = Mutex(State())
    private let full = Atomic<Bool>(false)
    private let world: World
    private let directory: String
    private let largestReserveBytes: Int
    /// Files in memory need none: there nothing is kept free by a file that takes space.
    private let hasReserve: Bool

    init(_ world: World, _ directory: String, _ options: EngineOptions) {
        self.world = world
        self.directory = directory
        hasReserve = !(world.files is MemoryFileSystem)
        largestReserveBytes = 2 * options.memtableShareBytes + options.runFileSizeBytes
    }

    /// Whether new values are refused.
    @inline(__always)
    var isFull: Bool { full.load(ordering: .relaxed) }

    /// What the reserve takes now.
    var reserveBytes: Int { state.withLock { $0.reserveBytes } }

    /// How often the disk was full.
    var fullCount: Int { state.withLock { $0.fullCount } }

    /// What a writer of new values is told.
    var refusal: EngineError {
        let error = state.withLock { $0.error }
        let why = error.map { " (\($0.description))" } ?? ""
        return EngineError(
            .diskFull,
            file: directory,
            "the disk is full\(why): nothing was written. Reads and deletions go on; make room on the disk, "
                + "and writes are taken again within seconds"
        )
    }

    /// How large the reserve of a database of this size is.
    func target(databaseBytes: Int) -> Int {
        let share = databaseBytes / Self.reserveShare
        let wanted = max(Self.smallestReserveBytes, min(share, largestReserveBytes))
        return wanted / Self.reserveUnit * Self.reserveUnit
    }

    /// The disk is full: gives the reserve back.
    /// - Returns: whether that is news.
    func fill(_ error: EngineError) throws(FileError) -> Bool {
        let isFirst = state.withLock { state in
            state.error = error
            guard !full.load(ordering: .relaxed) else { return false }
            full.store(true, ordering: .relaxed)
            state.fullCount += 1
            state.reserveBytes = 0
            return true
        }
        if isFirst { try Self.giveBack(in: directory, world.files) }
        return isFirst
    }

    /// Removes the reserve of a database, if it has one.
    /// - Returns: whether it had.
    @discardableResult
    static func giveBack(
        in directory: String,
        _ files: any FileSystem
    ) throws(FileError) -> Bool {
        let path = directory + "/" + reserveName
        guard try files.kind(of: path) != nil else { return false }
        try files.remove(path)
        return true
    }

    /// Makes the reserve again if there is space for it and more, and with it ends the time of the full disk.
    /// - Returns: whether writes are taken again.
    func resume(databaseBytes: Int) throws(FileError) -> Bool {
        let target = target(databaseBytes: databaseBytes)
        let free = try world.files.freeSpaceBytes(directory)
        guard free >= target + Self.resumeMarginBytes else { return false }
        if hasReserve { try grow(to: target) }
        state.withLock { state in
            state.error = nil
            full.store(false, ordering: .relaxed)
        }
        return true
    }

    /// Makes the reserve as large as the database asks for, if there is more than enough space.
    func keep(databaseBytes: Int) throws(FileError) {
        let target = target(databaseBytes: databaseBytes)
        guard hasReserve, !isFull, target > reserveBytes else { return }
        let size = try sizeBytes()
        state.withLock { $0.reserveBytes = size }
        guard size < target else { return }
        let free = try world.files.freeSpaceBytes(directory)
        guard free >= target - size + Self.resumeMarginBytes else { return }
        try grow(to: target)
    }

    /// What the file takes that holds the reserve, whoever made it.
    func sizeBytes() throws(FileError) -> Int {
        let path = directory + "/" + Self.reserveName
        guard try world.files.kind(of: path) != nil else { return 0 }
        let file = try world.files.open(path, .read)
        defer { file.close() }
        return try file.sizeBytes()
    }

    private func grow(to bytes: Int) throws(FileError) {
        let path = directory + "/" + Self.reserveName
        let exists = try world.files.kind(of: path) != nil
        let file = try world.files.open(path, exists ? .readWrite : .create)
        defer { file.close() }
        do throws(FileError) {
            let size = try file.sizeBytes()
            if size < bytes { try file.zeroFill(from: size, to: bytes) }
            state.withLock { $0.reserveBytes = max(size, bytes) }
        } catch {
            try world.files.remove(path)
            state.withLock { $0.reserveBytes = 0 }
            throw error
        }
    }
}
