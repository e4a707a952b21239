internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// The one log lane of a database: gives every write its position, and commits in groups.
///
/// - `append` gives a record its place in the gathering group, under the lane's lock. The lock is
///   also the order of everything else that must be before or after a write: `inOrder`.
/// - `settle` waits until a position is visible. Whoever finds nobody leading leads: takes the
///   oldest group, writes it, syncs it if somebody in it was promised that, and publishes it.
///   While one group is being written, the next gathers; there are no timers.
/// - A group becomes visible when it is written (and synced) and all its records are in their
///   memtables, and all groups before it are visible.
/// - After a failed write or sync the lane takes nothing more: what was under way has an unknown
///   outcome, and a sync is never tried twice.
final class LogLane: Sendable {
    struct State: Sendable {
        var segment: LogSegment
        var base: LogPosition
        /// The next group in `segment` must write the header page first.
        var mustOpenSegment: Bool
        var next: LogSegment?
        var tail: LogPosition
        /// Oldest first; only the last still gathers.
        var groups: [LogGroup] = []
        /// Written, not yet visible; oldest first.
        var written: [Written] = []
        var waiters: [LogWaiter] = []
        var spaceWaiters: [@Sendable (EngineError?) -> Void] = []
        var isLed = false
        var isMarkScheduled = false
        var endsWithMark = false
        var failure: EngineError?
    }

    struct Written: Sendable {
        var end: LogPosition
        var inserts: PendingInserts
    }

    /// What only the leader touches; leading passes on under the lock.
    struct Tail: Sendable {
        var end: LogEnd
        var synced: LogPosition
        var isSynced: Bool
        var wallMilliseconds: Int64
    }

    let state: Mutex<State>
    let leaderTail: Mutex<Tail>
    private let visibleBytes: Atomic<UInt64>
    private let syncedBytes: Atomic<UInt64>
    let world: World
    let hooks: LogHooks
    /// The segment of the last written group.
    let lastWritten: Mutex<LogSegment>

    /// Continues the log in a segment that was just started with `header`.
    init(
        world: World,
        hooks: LogHooks,
        segment: LogSegment,
        header: SegmentHeader,
        wallMilliseconds: Int64
    ) {
        self.world = world
        self.hooks = hooks
        let base = header.base
        state = Mutex(
            State(segment: segment, base: base, mustOpenSegment: false, tail: base)
        )
        let end = LogEnd(segment: header.number, lengthBytes: 0, checksum: header.checksum)
        leaderTail = Mutex(
            Tail(end: end, synced: base, isSynced: true, wallMilliseconds: wallMilliseconds)
        )
        lastWritten = Mutex(segment)
        visibleBytes = Atomic(base.rawValue)
        syncedBytes = Atomic(base.rawValue)
    }

    /// Readers see what is before this position.
    var visible: LogPosition { LogPosition(visibleBytes.load(ordering: .sequentiallyConsistent)) }

    /// What is before this position survives the loss of power.
    var synced: LogPosition { LogPosition(syncedBytes.load(ordering: .acquiring)) }

    func advanceVisible(to end: LogPosition) {
        visibleBytes.store(end.rawValue, ordering: .sequentiallyConsistent)
    }

    func advanceSynced(to end: LogPosition) {
        syncedBytes.store(end.rawValue, ordering: .releasing)
    }

    /// Where the next record will be, at the earliest.
    var tail: LogPosition { state.withLock { $0.tail } }

    /// Runs `body` at one place in the order of all writes: its argument is the position of the next one.
    func inOrder<Answer: Sendable>(_ body: (LogPosition) -> Answer) -> Answer {
        state.withLock { state in
            body(state.tail)
        }
    }
}

/// What the lane asks of the engine.
struct LogHooks: Sendable {
    /// Prepare a segment of at least this capacity in the background, then `offer` it.
    var needsSegment: @Sendable (_ minimumCapacityBytes: Int) -> Void
    /// How far the manifest is synced.
    var manifestWitness: @Sendable () -> LogRecordHeader.ManifestWitness
    /// The log failed; told once.
    var didFail: @Sendable (EngineError) -> Void
    /// A segment got its header page: its number and base position.
    var didStartSegment: @Sendable (SegmentNumber, LogPosition) -> Void
}

/// One who waits for a position to become visible.
struct LogWaiter: Sendable {
    enum Wake: Sendable {
        /// A thread that blocks, and may be asked to lead.
        case ticket(CommitTicket)
        /// Anyone else.
        case resume(@Sendable (EngineError?) -> Void)
    }
    var position: LogPosition
    var wake: Wake
}

/// Where a blocked caller finds out how its wait ended.
final class CommitTicket: Sendable {
    enum Outcome: Sendable {
        case lead, visible
        case failed(EngineError)
    }
    private let outcome = Mutex<Outcome?>(nil)
    private let gate: any Gate

    init(_ gate: any Gate) { self.gate = gate }

    func finish(_ result: Outcome) {
        outcome.withLock { $0 = result }
        gate.open()
    }

    func wait() -> Outcome {
        gate.wait()
        return outcome.withLock { $0 ?? .visible }
    }
}
