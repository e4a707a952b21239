internal import ShalePlatform
internal import Synchronization

/// What goes on in the background of one engine, so that nothing starts twice and closing can wait.
final class Background: Sendable {
    struct State: Sendable {
        var isFlushing = false
        var isFlushWanted = false
        /// Memory of the memtables that are being flushed.
        var sealedBytes = 0
        /// Blocks that readers had looked up when the last flush began, and when the one before it did.
        var lookupsAtFlush = 0
        var lookupsAtFlushBefore = 0
        /// Compactions that are under way or wait for their turn.
        var compacting: [CompactionClaim] = []
        /// Of a partition's upper entries, how many hid one below when they last met the bottom run.
        var overwrittenShares: [PartitionID: Double] = [:]
        /// Runs with a tombstone that is past its deadline.
        var overdueRuns: Set<RunID> = []
        /// The compaction that is made for the sake of blob segments.
        var collection: CompactionClaim?
        /// Blob segments in which a collection has met damage: they stay.
        var damagedSegments: Set<FileNumber> = []
        /// Merges of upper runs that are under way.
        var upperMergeCount = 0
        /// Steps of compactions that have given way.
        var parked: [@Sendable () -> Void] = []
        var isClosed = false
        /// Called when a flush or a compaction has ended, whatever came of it.
        var waiters: [@Sendable () -> Void] = []
        /// The last failure of background work since its last success.
        var failure: EngineError?
    }

    let state = Mutex(State())
    let admission = Mutex(WriteAdmission())
    let pace = Mutex(BackgroundPace())
    /// Runs of the partition that has the most.
    let mostRuns = Atomic<Int>(0)
    /// Of the partition where that is most: what upper runs take and hide, in thousandths of the bottom
    /// run.
    let mostHidden = Atomic<Int>(0)
    /// Whether somebody will look for tombstones past their deadline.
    let isTombstoneCheckDue = Atomic<Bool>(false)
    /// Whether somebody will let go of the log that nobody needs.
    let isFreeingDue = Atomic<Bool>(false)
    /// Since when the archive fails, by the wall clock; nil while it does not.
    let archiveFailedMilliseconds = Mutex<Int64?>(nil)
    /// Whether somebody will look whether the database is idle.
    let isSettlingDue = Atomic<Bool>(false)
    /// Bytes that settling may write at once.
    ///
    /// Flush and settling are the only ones to change it; what one of
    /// them overwrites is a matter of a few bytes more or less.
    let settlingBytes = Atomic<Int>(0)
    /// What had been written when somebody last saw it change, and when that was.
    let lastWrite = Mutex<(written: Int, nanoseconds: UInt64)>((0, 0))

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Calls `wake` when background work has next ended.
    func whenSomethingEnds(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiters.append(wake) }
    }

    /// Background work has ended: who waits looks again.
    func somethingEnded(_ failure: EngineError? = nil) {
        let waiters = state.withLock { state in
            state.failure = failure
            defer { state.waiters = [] }
            return state.waiters
        }
        for wake in waiters { wake() }
    }
}

/// Runs of one partition that a compaction has, so that no other takes them.
struct CompactionClaim: Hashable, Sendable {
    var partition: PartitionID
    /// The newest first.
    var inputs: [RunID]
    var output: RunID

    func has(_ run: RunID) -> Bool { run == output || inputs.contains(run) }
}
