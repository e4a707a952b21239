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
    let directory: String
    let options: EngineOptions
    let manifest: ManifestStore
    let numbers: Numbers
    let turn = Turn()
    let ownership = KeyOwnership()
    let slots = ViewSlots()
    let account: MemtableAccount
    let runFiles: RunFiles
    let background: Background
    let counters = EngineCounters()
    private let mapGuard: Mutex<PartitionMap>
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
        manifest = opened.manifest
        numbers = opened.numbers
        account = opened.account
        runFiles = opened.runFiles
        background = opened.background
        mapGuard = Mutex(opened.map)
        lockFile = opened.lock
        logParts = opened.log
    }

    /// The partition map as of now.
    var map: PartitionMap { mapGuard.withLock { $0 } }

    /// Replaces the map at one place in the order of all writes: `change` gets the position of the next
    /// write, and every later write sees the new map.
    func changeMap(_ change: (PartitionMap, LogPosition) -> PartitionMap) {
        guard let lane = logParts.lane else { preconditionFailure("a reader changes nothing") }
        lane.inOrder { position in
            mapGuard.withLock { $0 = change($0, position) }
        }
    }

    /// The lane; throws where the database was opened for reading only.
    func lane() throws(EngineError) -> LogLane {
        if background.isClosed {
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

    /// All tables, ascending by number.
    public var tables: [EngineTable] {
        map.tables.values.map(\.table).sorted { $0.id < $1.id }
    }

    /// The table with this number; nil if there is none.
    public func table(_ id: TableID) -> EngineTable? { map.tables[id]?.table }

    func releaseLock() { lockFile?.release() }

    func emit(_ event: EngineEvent) { options.onEvent?(event) }
}
