internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

extension LogLane {
    /// After this long without a write, the log says how far it is synced.
    static let idleBeforeMark = Duration.milliseconds(10)

    /// Appends a record without writes and waits until it is synced.
    /// - Returns: where it begins: everything before is visible.
    @discardableResult
    func appendMark(_ kind: LogRecordKind) throws(EngineError) -> LogPosition {
        let witness = hooks.manifestWitness().payload
        while true {
            switch append(kind, witness) {
            case .appended(let appended):
                inserted(appended)
                try settleBlocking(appended.end)
                return appended.position
            case .stale: preconditionFailure("a mark depends on nothing")
            case .failed(let error):
                throw error
            case .noSpace:
                let ticket = CommitTicket(world.scheduler.makeGate())
                waitForSpace(LogGroup.sizeBytes(payload: witness.count)) { error in
                    ticket.finish(error.map { .failed($0) } ?? .visible)
                }
                if case .failed(let error) = ticket.wait() { throw error }
            }
        }
    }

    /// Appends a sync mark: who settles on its end knows that everything before it is synced.
    func appendSyncMark() -> AppendOutcome {
        let outcome = append(.syncMark, hooks.manifestWitness().payload)
        if case .appended(let appended) = outcome { inserted(appended) }
        return outcome
    }

    /// What a mark takes in the log.
    var syncMarkSizeBytes: Int {
        LogGroup.sizeBytes(payload: hooks.manifestWitness().payload.count)
    }

    private func append(_ kind: LogRecordKind, _ witness: [UInt8]) -> AppendOutcome {
        witness.withLentBytes { append(kind, LogPayload($0), .synced) }
    }

    /// Once the log is idle, a mark says how far it is synced, so that damage below is recognised.
    func scheduleMark() {
        let tail = state.withLock { state -> LogPosition? in
            guard !state.isMarkScheduled, !state.endsWithMark, state.failure == nil else {
                return nil
            }
            state.isMarkScheduled = true
            return state.tail
        }
        guard let tail else { return }
        world.scheduler.schedule(.log, after: Self.idleBeforeMark) { self.markIfIdle(since: tail) }
    }

    private func markIfIdle(since tail: LogPosition) {
        let (isIdle, isBusy) = state.withLock { state in
            state.isMarkScheduled = false
            let isQuiet =
                state.groups.isEmpty && !state.isLed && !state.isWriting && state.failure == nil
            return (isQuiet && state.tail == tail && !state.endsWithMark, state.tail != tail)
        }
        if isBusy { scheduleMark() }
        guard isIdle, case .appended(let appended) = appendSyncMark() else { return }
        whenSettled(appended.end) { _ in }
    }
}
