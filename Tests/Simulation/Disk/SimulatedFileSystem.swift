/// The simulated disk as one boot of the machine sees it.

internal import ShaleBytes
public import ShalePlatform
internal import Synchronization

/// The files of a simulated world.
public final class SimulatedFileSystem: FileSystem {
    private let disk: SimulatedDisk
    private let boot: Int

    init(_ disk: SimulatedDisk) {
        self.disk = disk
        boot = disk.boot
    }

    /// Opens a file, or makes one whose name is durable after `syncDirectory`.
    public func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File {
        let number = try disk.perform(.open, path, boot: boot) {
            (state, _) throws(FileComplaint) in
            let file =
                mode == .create
                ? try state.makeFile(FilePath(path)) : try state.names.file(FilePath(path))
            state.openCounts[file, default: 0] += 1
            return (file, [UInt64(file)])
        }
        return SimulatedFile(
            disk,
            boot: boot,
            number: number,
            path: path,
            mayWrite: mode != .read
        )
    }

    /// Makes a directory whose name is durable after `syncDirectory` of the one that holds it.
    public func createDirectory(_ path: String) throws(FileError) {
        try disk.perform(.createDirectory, path, boot: boot) {
            (state, _) throws(FileComplaint) in
            (try state.names.createDirectory(FilePath(path)), [])
        }
    }

    /// What a path names.
    public func kind(of path: String) throws(FileError) -> FileKind? {
        try disk.perform(.list, path, boot: boot) { (state, _) throws(FileComplaint) in
            switch state.names.entry(FilePath(path)) {
            case .file: (.file, [1])
            case .directory: (.directory, [2])
            case nil: (nil, [0])
            }
        }
    }

    /// The names in a directory in the order of their bytes.
    public func list(_ directory: String) throws(FileError) -> [String] {
        try disk.perform(.list, directory, boot: boot) { (state, _) throws(FileComplaint) in
            let names = try state.names.list(FilePath(directory))
            return (names, [UInt64(names.count)])
        }
    }

    /// Renames a file or a directory, in one step.
    public func rename(_ from: String, to: String) throws(FileError) {
        try disk.perform(.rename, from, boot: boot) { (state, _) throws(FileComplaint) in
            try state.names.rename(FilePath(from), to: FilePath(to))
            return ((), [Hash.xxh3(Array(to.utf8), seed: 0)])
        }
    }

    /// A second name for the same file.
    public func link(_ from: String, to: String) throws(FileError) {
        try disk.perform(.link, from, boot: boot) { (state, _) throws(FileComplaint) in
            try state.names.add(.file(try state.names.file(FilePath(from))), FilePath(to))
            return ((), [Hash.xxh3(Array(to.utf8), seed: 0)])
        }
    }

    /// Removes a file or an empty directory.
    public func remove(_ path: String) throws(FileError) {
        try disk.perform(.remove, path, boot: boot) { (state, _) throws(FileComplaint) in
            (try state.names.remove(FilePath(path)), [])
        }
    }

    /// Makes the names in a directory durable.
    public func syncDirectory(_ path: String) throws(FileError) {
        let isStruck = try disk.perform(
            .syncDirectory,
            path,
            boot: boot,
            costNanoseconds: 100_000
        ) { (state, effect) throws(FileComplaint) in
            if effect != .failAndForget { try state.names.sync(FilePath(path)) }
            state.collect()
            if case .slow = effect { return (false, []) }
            return (effect != nil, [])
        }
        if isStruck { throw FileError(.ioError, "syncDirectory", path) }
    }

    /// What is left of the capacity.
    public func freeSpaceBytes(_ directory: String) throws(FileError) -> Int {
        try disk.perform(.list, directory, boot: boot) { (state, _) throws(FileComplaint) in
            (max(0, state.freeBytes), [])
        }
    }

    /// Takes the lock of a file; a crash gives it back.
    public func lock(_ path: String) throws(FileError) -> any FileLock {
        let number = try disk.perform(.open, path, boot: boot) {
            (state, _) throws(FileComplaint) in
            let isNew = state.names.entry(FilePath(path)) == nil
            let file =
                isNew
                ? try state.makeFile(FilePath(path)) : try state.names.file(FilePath(path))
            guard state.locked.insert(file).inserted else { throw .isLocked }
            return (file, [UInt64(file)])
        }
        return SimulatedLock(disk, boot: boot, number: number)
    }
}

/// A lock on the simulated disk.
final class SimulatedLock: FileLock {
    private let disk: SimulatedDisk
    private let boot: Int
    private let number: Int
    private let isHeld = Atomic<Bool>(true)

    init(_ disk: SimulatedDisk, boot: Int, number: Int) {
        self.disk = disk
        self.boot = boot
        self.number = number
    }

    func release() {
        let wasHeld = isHeld.exchange(false, ordering: .relaxed)
        if wasHeld { disk.unlock(number, boot: boot) }
    }

    deinit { release() }
}
