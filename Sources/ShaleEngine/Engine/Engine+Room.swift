internal import ShalePlatform
internal import Synchronization

/// Where writers wait: for memory while flushes are behind, for runs to be merged, for a log segment.
extension Engine {
    /// Memory that active memtables may take before they are flushed.
    var memtableShareBytes: Int { options.memoryBudgetBytes / 4 }

    /// Memory that all memtables may take, those being flushed included.
    var memtableLimitBytes: Int { options.memoryBudgetBytes / 2 }

    private enum Room {
        case free
        case wait
        case failed(EngineError)
    }

    private var room: Room {
        let isFull = account.sizeBytes > memtableLimitBytes
        guard isFull || hasTooManyRuns else { return .free }
        if let failure = background.state.withLock({ $0.failure }) { return .failed(failure) }
        return .wait
    }

    /// A partition is at its cap of runs: another flush would go over it.
    var hasTooManyRuns: Bool {
        background.state.withLock { $0.mostRuns } >= options.runCap
    }

    func waitForRoom() async throws(EngineError) {
        while true {
            switch room {
            case .free: return
            case .failed(let error): throw error
            case .wait:
                await withCheckedContinuation { continuation in
                    background.whenSomethingEnds { continuation.resume() }
                    nudge()
                }
            }
        }
    }

    func waitForRoomBlocking() throws(EngineError) {
        while true {
            switch room {
            case .free: return
            case .failed(let error): throw error
            case .wait:
                let gate = world.scheduler.makeGate()
                background.whenSomethingEnds { gate.open() }
                nudge()
                gate.wait()
            }
        }
    }

    /// Somebody waits: make sure that something is going on that will end.
    private func nudge() {
        requestFlush()
        requestCompactions()
        if case .wait = room { return }
        // What was waited for ended before the waiter was entered.
        background.somethingEnded(background.state.withLock { $0.failure })
    }

    func waitForSpace(_ size: Int) async throws(EngineError) {
        let lane = try self.lane()
        let error: EngineError? = await withCheckedContinuation { continuation in
            lane.waitForSpace(size) { continuation.resume(returning: $0) }
        }
        if let error { throw error }
    }

    func waitForSpaceBlocking(_ size: Int) throws(EngineError) {
        let lane = try self.lane()
        let ticket = CommitTicket(world.scheduler.makeGate())
        lane.waitForSpace(size) { error in
            ticket.finish(error.map { .failed($0) } ?? .visible)
        }
        if case .failed(let error) = ticket.wait() { throw error }
    }
}
