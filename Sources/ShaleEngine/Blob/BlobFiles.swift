internal import ShalePlatform
internal import Synchronization

/// The blob segments of an open database.
///
/// As with run files, each is removed from the disk when the manifest no longer names it and the last
/// view that could read it is gone; never in a reader's thread.
final class BlobFiles: Sendable {
    private let registered = Mutex<[FileNumber: BlobFileLease]>([:])
    private let world: World
    private let directory: String
    private let tell: (@Sendable (EngineEvent) -> Void)?
    private let cache: BlockCache

    init(
        world: World,
        directory: String,
        cache: BlockCache,
        tell: (@Sendable (EngineEvent) -> Void)?
    ) {
        self.world = world
        self.directory = directory
        self.cache = cache
        self.tell = tell
    }

    /// A segment that the manifest names, or is about to.
    func register(_ reference: BlobFileReference) {
        let reader = BlobReader(reference, in: directory, files: world.files, cache: cache)
        let path = directory + "/" + reference.number.fileName(BlobFormat.suffix)
        let world = world
        let tell = tell
        let lease = BlobFileLease(reader) { reader in
            world.scheduler.schedule(.housekeeping) {
                reader.dropValues()
                do throws(FileError) {
                    try world.files.remove(path)
                } catch {
                    // The next opening removes it, as a file that the manifest does not name.
                    tell?(.backgroundFailed(EngineError(error)))
                }
            }
        }
        registered.withLock { $0[reference.number] = lease }
    }

    /// The manifest does not name these segments any more.
    func retire(_ numbers: some Sequence<FileNumber>) {
        for number in numbers {
            registered.withLock { $0.removeValue(forKey: number) }?.retire()
        }
    }

    /// The segments that entries of a run refer to; nil if none does.
    func blobs(of run: RunRecord) -> RunBlobs? {
        let shares = run.blobs.shares
        guard !shares.isEmpty else { return nil }
        let leases = registered.withLock { registered in
            shares.map { share -> BlobFileLease in
                guard let lease = registered[share.file] else {
                    preconditionFailure("a run refers to a registered blob segment")
                }
                return lease
            }
        }
        return RunBlobs(leases)
    }
}

/// Keeps a blob segment on the disk for as long as somebody may read it.
final class BlobFileLease: Sendable {
    let reader: BlobReader
    private let isRetired = Atomic<Bool>(false)
    private let remove: @Sendable (BlobReader) -> Void

    init(_ reader: BlobReader, remove: @escaping @Sendable (BlobReader) -> Void) {
        self.reader = reader
        self.remove = remove
    }

    func retire() { isRetired.store(true, ordering: .releasing) }

    deinit {
        if isRetired.load(ordering: .acquiring) { remove(reader) }
    }
}
