internal import ShalePlatform
internal import Synchronization

/// The run files of an open database.
///
/// Each is removed from the disk when the manifest no longer names it and the last view that could
/// read it is gone; never in a reader's thread.
final class RunFiles: Sendable {
    private let registered = Mutex<[FileNumber: RunFileLease]>([:])
    private let world: World
    private let directory: String
    let removal: FileRemoval
    let cache: BlockCache
    let blobs: BlobFiles

    init(
        world: World,
        directory: String,
        cache: BlockCache,
        tell: (@Sendable (EngineEvent) -> Void)? = nil
    ) {
        removal = FileRemoval(world, directory, tell)
        self.world = world
        self.directory = directory
        self.cache = cache
        blobs = BlobFiles(world: world, directory: directory, cache: cache, removal)
    }

    /// A file that the manifest names, or is about to.
    func register(_ reference: RunFileReference) {
        let file = RunFile(reference, in: directory, files: world.files, cache: cache)
        let removal = removal
        let lease = RunFileLease(file) { removal.add($0) }
        registered.withLock { $0[reference.number] = lease }
    }

    /// Opens files that were just entered, so that no reader has to.
    ///
    /// - Throws: why one cannot be opened; whoever reads it will be told the same.
    func openAhead(_ numbers: [FileNumber]) throws(EngineError) {
        let leases = registered.withLock { registered in numbers.compactMap { registered[$0] } }
        for lease in leases { _ = try lease.file.opened(.blocking) }
    }

    /// The manifest does not name these files any more.
    func retire(_ numbers: some Sequence<FileNumber>) {
        for number in numbers {
            registered.withLock { $0.removeValue(forKey: number) }?.retire()
        }
    }

    /// The run that the manifest describes; its files are registered.
    func run(_ record: RunRecord) -> Run {
        let leases = registered.withLock { registered in
            record.pieces.map { piece -> RunFileLease in
                guard let lease = registered[piece.file] else {
                    preconditionFailure("a run refers to a registered file")
                }
                return lease
            }
        }
        return Run(record, leases, blobs.blobs(of: record))
    }
}

/// Keeps a run file on the disk for as long as somebody may read it.
final class RunFileLease: Sendable {
    let file: RunFile
    private let isRetired = Atomic<Bool>(false)
    private let remove: @Sendable (RunFile) -> Void

    init(_ file: RunFile, remove: @escaping @Sendable (RunFile) -> Void) {
        self.file = file
        self.remove = remove
    }

    func retire() { isRetired.store(true, ordering: .releasing) }

    deinit {
        if isRetired.load(ordering: .acquiring) { remove(file) }
    }
}
