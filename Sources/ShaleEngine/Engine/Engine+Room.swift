internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Where writers wait: for memory while flushes are behind, for runs to be merged, for a log segment.
extension Engine {
    /// Memory that active memtables may take before they are flushed.
    ///
    /// The log has to hold them, those that are flushed meanwhile, and segments that are only in part free:
    /// at a larger share writers would wait for log instead of being slowed down.
    var memtableShareBytes: Int { options.memtableShareBytes }

    /// Memory that all memtables may take, those being flushed included.
    var memtableLimitBytes: Int { 2 * memtableShareBytes }

    private enum Room {
        case free
        case wait
        case failed(EngineError)
    }

    private var room: Room {
        let isFull = account.sizeBytes > memtableLimitBytes
        guard isFull else { return .free }
        if let failure = background.state.withLock({ $0.failure }) { return .failed(failure) }
        return .wait
    }

    /// A partition is at its cap of runs: another flush would go over it.
    var hasTooManyRuns: Bool { background.mostRuns.load(ordering: .relaxed) >= options.runCap }

    /// What background work has to catch up with.
    var admissionLoad: WriteAdmission.Load {
        WriteAdmission.Load(
            runCount: background.mostRuns.load(ordering: .relaxed),
            runCap: options.runCap,
            hiddenThousandths: background.mostHidden.load(ordering: .relaxed),
            memtableBytes: account.unflushedBytes,
            flushBytes: memtableShareBytes,
            limitBytes: memtableLimitBytes
        )
    }

    /// How long a write that comes now waits, in nanoseconds, so that flushes and compactions keep up.
    private var admissionWait: UInt64 {
        let load = admissionLoad
        guard WriteAdmission.mayCost(load) else { return 0 }
        let written = counters.writtenBytes.load(ordering: .relaxed)
        let now = world.time.monotonicNanoseconds
        return background.admission.withLock { $0.wait(at: now, written: written, load) }
    }

    /// Whether there is room, and nothing is behind: then a write need not ask how long it waits.
    var mayWriteAtOnce: Bool {
        expectTombstones()
        return account.sizeBytes <= memtableLimitBytes && !WriteAdmission.mayCost(admissionLoad)
    }

    /// Waits until a write may go on, which is not at once: a moment when background work is behind, and for memory when
    /// there is none.
    ///
    /// - Throws: `.overloaded` where that takes longer than the patience; what background work failed of.
    func waitForRoom(_ patience: inout WritePatience) async throws(EngineError) {
        let wait = admissionWait
        if wait > 0 {
            let start = durations.now
            await withCheckedContinuation { continuation in
                world.scheduler.schedule(.log, after: .nanoseconds(wait)) { continuation.resume() }
            }
            durations.note(.writePause, since: start)
        }
        while true {
            switch room {
            case .free: return
            case .failed(let error): throw error
            case .wait:
                let start = durations.now
                let left = patience.left(at: world.time.monotonicNanoseconds)
                let isOver = await withCheckedContinuation { continuation in
                    let first = FirstAnswer<Bool> { continuation.resume(returning: $0) }
                    background.whenSomethingEnds { first.give(false) }
                    if let left {
                        world.scheduler.schedule(.log, after: left) { first.give(true) }
                    }
                    nudge()
                }
                durations.note(.writeStall, since: start)
                if isOver { throw patience.error }
            }
        }
    }

    /// `waitForRoom` for a thread that may block.
    func waitForRoomBlocking() throws(EngineError) {
        let wait = admissionWait
        if wait > 0 {
            let start = durations.now
            let gate = world.scheduler.makeGate()
            world.scheduler.schedule(.log, after: .nanoseconds(wait)) { gate.open() }
            gate.wait()
            durations.note(.writePause, since: start)
        }
        while true {
            switch room {
            case .free: return
            case .failed(let error): throw error
            case .wait:
                let start = durations.now
                let gate = world.scheduler.makeGate()
                background.whenSomethingEnds { gate.open() }
                nudge()
                gate.wait()
                durations.note(.writeStall, since: start)
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

    /// Waits until the log has room for so many bytes.
    ///
    /// - Throws: `.overloaded` where that takes longer than the patience; why there will be none.
    func waitForSpace(
        _ size: Int,
        _ patience: inout WritePatience
    ) async throws(EngineError) {
        let lane = try self.lane()
        let start = durations.now
        defer { durations.note(.writeStall, since: start) }
        let left = patience.left(at: world.time.monotonicNanoseconds)
        let over = patience.error
        let error: EngineError? = await withCheckedContinuation { continuation in
            let first = FirstAnswer<EngineError?> { continuation.resume(returning: $0) }
            lane.waitForSpace(size) { first.give($0) }
            if let left { world.scheduler.schedule(.log, after: left) { first.give(over) } }
        }
        if let error { throw error }
    }

    func waitForSpaceBlocking(_ size: Int) throws(EngineError) {
        let lane = try self.lane()
        let start = durations.now
        defer { durations.note(.writeStall, since: start) }
        let ticket = CommitTicket(world.scheduler.makeGate())
        lane.waitForSpace(size) { error in
            ticket.finish(error.map { .failed($0) } ?? .visible)
        }
        if case .failed(let error) = ticket.wait() { throw error }
    }
}
