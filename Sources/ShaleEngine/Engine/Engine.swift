internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// An open database of ordered bytes.
///
/// Tables hold entries; an entry has a partition key, a sort key and a value. Writes that belong
/// together are one batch, which becomes one record of the one log; reads see the database at one
/// position of that log. Memtables become sorted runs in the background, and runs are merged.
///
/// Any number of threads and tasks may call at once. Calls that can wait come in two forms: `async`,
/// which never blocks a thread of the cooperative pool, and `...Blocking` for plain threads.
///
/// Three things order everything: the lane's lock orders writes and changes of the partition map among
/// them; the structure turn orders changes of the manifest; ownership of keys orders writers of one key.
public final class Engine: Sendable {
    let world: World
    package let directory: String
    let options: EngineOptions
    /// Whether who had it open before closed it, so that nothing was written behind what they wrote at the end.
    package let wasClosed: Bool
    let manifest: ManifestStore
    let numbers: Numbers
    let turn = Turn()
    let ownership = KeyOwnership()
    let slots: EpochSlots
    private let retirement: Retirement
    private let isCollecting = Atomic<Bool>(false)
    /// As `background` says, for readers, who take no lock.
    private let hasClosed = Atomic<Bool>(false)
    let account: MemtableAccount
    let durations: DurationClock
    let runFiles: RunFiles
    let background: Background
    let diskSpace: DiskSpace
    let counters = EngineCounters()
    let scrubber = Scrubber()
    /// What the block cache does without, for whom.
    let lentCacheBytes = Mutex<[CacheBorrower: Int]>([:])
    private let published: PublishedReference<PartitionMap>
    private let lockFile: (any FileLock)?
    private let logParts: LogParts

    /// The log of an engine; nil in one that was opened for reading only.
    struct LogParts: Sendable {
        var lane: LogLane?
        var segments: SegmentStore?
        /// What is visible when there is no lane.
        var end: LogPosition
    }

    init(_ opened: OpenedDatabase, _ world: World, _ directory: String, _ options: EngineOptions) {
        self.world = world
        self.directory = directory
        self.options = options
        wasClosed = opened.wasClosed
        manifest = opened.manifest
        numbers = opened.numbers
        account = opened.account
        runFiles = opened.runFiles
        durations = opened.runFiles.cache.durations ?? DurationClock(world.time)
        background = opened.background
        diskSpace = DiskSpace(world, directory, options)
        slots = opened.runFiles.cache.slots
        retirement = Retirement(slots)
        published = PublishedReference(opened.map)
        lockFile = opened.lock
        logParts = opened.log
    }

    /// The partition map as of now.
    var map: PartitionMap { published.strong(slots) }

    /// Lends the partition map as of now to a caller that holds a slot.
    @inline(__always)
    func withMap<Answer, Failure: Error>(
        _ body: (PartitionMap) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try published.withCurrent(body)
    }

    /// Whether `map` is the newest.
    @inline(__always)
    func isCurrent(_ map: PartitionMap) -> Bool { published.isCurrent(map) }

    /// Replaces the map at one place in the order of all writes: `change` gets the position of the next
    /// write, and every later write sees the new map.
    func changeMap(_ change: (PartitionMap, LogPosition) -> PartitionMap) {
        guard let lane = logParts.lane else { preconditionFailure("a reader changes nothing") }
        lane.inOrder { position in
            published.replace(change(map, position), retirement)
        }
        collectRetired()
    }

    /// Lets go of old maps, and with them of flushed memtables and merged runs; what readers still
    /// hold back is looked at again soon.
    func collectRetired() {
        retirement.collect()
        guard !retirement.isEmpty, !background.isClosed else { return }
        let isFirst = isCollecting.compareExchange(
            expected: false,
            desired: true,
            ordering: .acquiringAndReleasing
        ).exchanged
        guard isFirst else { return }
        world.scheduler.schedule(.housekeeping, after: Self.collectDelay) {
            self.isCollecting.store(false, ordering: .releasing)
            self.collectRetired()
        }
    }

    /// Longer than nearly all views are open.
    private static let collectDelay = Duration.milliseconds(5)

    /// The lane; throws where the database was opened for reading only.
    func lane() throws(EngineError) -> LogLane {
        if isClosed {
            throw EngineError(.closed, "the database was closed")
        }
        guard let lane = logParts.lane else {
            throw EngineError(.invalidArgument, "the database was opened for reading only")
        }
        return lane
    }

    /// The lane; nil where the database was opened for reading only.
    var readWriteLane: LogLane? { logParts.lane }

    var segments: SegmentStore? { logParts.segments }

    /// Readers see what is before this position.
    var visible: LogPosition { logParts.lane?.visible ?? logParts.end }

    /// A read that begins now sees all writes before this position.
    public var visiblePosition: LogPosition { visible }

    /// Of how many partitions a table is made now; 0 if there is no such table.
    public func partitionCount(of table: TableID) -> Int {
        map.tables[table]?.partitions.count ?? 0
    }

    /// All tables, ascending by number.
    public var tables: [EngineTable] {
        map.tables.values.map(\.table).sorted { $0.id < $1.id }
    }

    /// The table with this number; nil if there is none.
    public func table(_ id: TableID) -> EngineTable? { map.tables[id]?.table }

    /// Whether the database was closed.
    @inline(__always)
    var isClosed: Bool { hasClosed.load(ordering: .acquiring) }

    /// From now on nothing is read or written.
    func markClosed() {
        hasClosed.store(true, ordering: .releasing)
        background.state.withLock { $0.isClosed = true }
    }

    func releaseLock() { lockFile?.release() }

    func emit(_ event: EngineEvent) { options.onEvent?(event) }
}
