internal import ShalePlatform
internal import Synchronization

/// What goes on in the background of one engine, so that nothing starts twice and closing can wait.
final class Background: Sendable {
    struct State: Sendable {
        var isFlushing = false
        var isFlushWanted = false
        /// Memory of the memtables that are being flushed.
        var sealedBytes = 0
        /// Runs of the partition that has the most.
        var mostRuns = 0
        /// Partitions under compaction or waiting for their turn.
        var compacting: Set<PartitionID> = []
        var splitting: Set<PartitionID> = []
        var isClosed = false
        /// Called when a flush or a compaction has ended, whatever came of it.
        var waiters: [@Sendable () -> Void] = []
        /// The last failure of background work since its last success.
        var failure: EngineError?
    }

    let state = Mutex(State())

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
