internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// The one log lane of a database: gives every write its position, and makes writes visible in the
/// order of their positions.
///
/// A record is written in one of two ways, and never are both under way at once:
/// - **Directly**: a `.buffered` record, while no group is under way, gets its position and its complete
///   header under the lane's lock; its writer then copies it into the mapping of the segment, so that the
///   kernel has it, and nobody is waited for but writers of earlier positions that are copying theirs.
/// - **In a group**: with one write, and one sync if somebody in it was promised that. `settle` waits until
///   a position is visible; whoever finds nobody leading leads: takes the oldest group, writes it,
///   syncs it, and publishes it. While one group is being written, the next gathers; there are no
///   timers. Before a group is written, the direct records before it are waited for.
///
/// The lane's lock is also the order of everything else that must be before or after a write: `inOrder`.
///
/// A record becomes visible when the kernel has it (and it is synced, where a group needs that), its
/// writes are in their memtables, and all before it is visible.
///
/// After a failed write or sync the segment is sealed where it was last synced, and what was written behind
/// that place is written again, into another segment (`move`); a sync is never tried twice. If that fails as
/// well the lane takes nothing more: what was under way has an unknown outcome.
final class LogLane: Sendable {
    struct State: Sendable {
        var segment: LogSegment
        /// The segment's bytes, where they are mapped; the last written group's segment keeps the mapping.
        var mapped: WritableBytes?
        /// Mixed into the checksum of every header of the segment.
        var seed: UInt32
        var base: LogPosition
        /// The next group in `segment` must write the header page first.
        var mustOpenSegment: Bool
        var next: LogSegment?
        var tail: LogPosition
        /// How far the last record goes; `tail` may be behind it, where the next page or segment begins.
        var lastEnd: LogPosition
        /// How the records before `tail` end; while a group is under way its leader knows better.
        var written: Tail
        /// Behind the last record that was written directly.
        var copiedThrough: LogPosition
        /// How many records were written directly.
        var directCount = 0
        /// Offset in the segment's file behind what is being written to the disk early.
        var beganSyncOffset = 0
        /// Oldest first; only the last still gathers.
        var groups: [LogGroup] = []
        /// A leader is writing a group.
        var isWriting = false
        /// The log moves to another segment: nothing gathers until it has.
        var isMoving = false
        /// Written, not yet visible; oldest first.
        var unpublished: [Written] = []
        /// Memory of a group that is done.
        var buffer: [UInt8] = []
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

    /// The end of what is written.
    struct Tail: Sendable {
        var end: LogEnd
        /// Where the body of `end`'s segment begins.
        var base: LogPosition
        var synced: LogPosition
        /// How the records before `synced` end.
        var syncedEnd: LogEnd
        var isSynced: Bool
        var wallMilliseconds: Int64
    }

    let state: Guarded<State>
    private let visibleBytes: Atomic<UInt64>
    private let syncedBytes: Atomic<UInt64>
    /// No record that a group has written has a later wall clock.
    let groupMilliseconds = Atomic<Int64>(0)
    /// Whether anybody waits for a position: publishing then looks under the lock.
    let hasWaiters = Atomic<Bool>(false)
    /// In which order direct records become visible.
    let direct: DirectOrder
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
        let end = LogEnd(segment: header.number, lengthBytes: 0, checksum: header.checksum)
        state = Guarded(
            State(
                segment: segment,
                mapped: segment.mapping?.bytes,
                seed: segment.seed,
                base: base,
                mustOpenSegment: false,
                tail: base,
                lastEnd: base,
                written: Tail(
                    end: end,
                    base: base,
                    synced: base,
                    syncedEnd: end,
                    isSynced: true,
                    wallMilliseconds: wallMilliseconds
                ),
                copiedThrough: base
            )
        )
        lastWritten = Mutex(segment)
        direct = DirectOrder()
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

    /// When this is visible, all records are that have their place now.
    var lastEnd: LogPosition { state.withLock { $0.lastEnd } }

    /// What is synced now, and a wall clock that no record of it is behind.
    var syncedNow: Checkpoint {
        let position = synced
        return Checkpoint(position: position, milliseconds: milliseconds)
    }

    /// No record that was written until now has a later wall clock.
    var milliseconds: Int64 {
        max(
            state.withLock { $0.written.wallMilliseconds },
            groupMilliseconds.load(ordering: .acquiring)
        )
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
    /// Makes a segment of at least this capacity now, in the place of one that failed.
    var makeSegment: @Sendable (_ minimumCapacityBytes: Int) throws(EngineError) -> LogSegment
    /// The log goes on in another segment.
    var didMove: @Sendable (LogMove) -> Void
}

/// One who waits for a position to become visible.
struct LogWaiter: Sendable {
    enum Wake: Sendable {
        /// A thread that blocks, and may be asked to lead.
        case ticket(CommitTicket)
        /// A leader that waits for direct records, and leads already.
        case leader(CommitTicket)
        /// Anyone else.
        case resume(@Sendable (EngineError?) -> Void)
    }
    var position: LogPosition
    var wake: Wake

    func tell(_ error: EngineError?) {
        switch wake {
        case .ticket(let ticket), .leader(let ticket):
            ticket.finish(error.map { .failed($0) } ?? .visible)
        case .resume(let resume): resume(error)
        }
    }
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
