internal import ShalePlatform
internal import Synchronization

extension LogLane {
    /// After this long without a write, the log says how far it is synced.
    static let idleBeforeMark = Duration.milliseconds(10)

    /// Appends a record without writes and waits until it is synced.
    func appendMark(_ kind: LogRecordKind) throws(EngineError) {
        let payload = LogPayload(hooks.manifestWitness().payload)
        while true {
            switch append(kind, payload, .synced, inOrder: {}) {
            case .appended(let appended, _):
                inserted(appended)
                return try settleBlocking(appended.end)
            case .failed(let error):
                throw error
            case .noSpace:
                let ticket = CommitTicket(world.scheduler.makeGate())
                waitForSpace(LogGroup.sizeBytes(payload: payload.bytes.count)) { error in
                    ticket.finish(error.map { .failed($0) } ?? .visible)
                }
                if case .failed(let error) = ticket.wait() { throw error }
            }
        }
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
        let payload = LogPayload(hooks.manifestWitness().payload)
        let (isIdle, isBusy) = state.withLock { state in
            state.isMarkScheduled = false
            let isQuiet = state.groups.isEmpty && !state.isLed && state.failure == nil
            return (isQuiet && state.tail == tail && !state.endsWithMark, state.tail != tail)
        }
        if isBusy { scheduleMark() }
        guard isIdle else { return }
        guard case .appended(let appended, _) = append(.syncMark, payload, .synced, inOrder: {})
        else {
            return
        }
        inserted(appended)
        whenSettled(appended.end) { _ in }
    }
}
