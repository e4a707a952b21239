internal import ShalePlatform
internal import Synchronization

extension Engine {
    /// Flushes, seals the log and gives the directory back.
    ///
    /// The next opening then replays nothing.
    ///
    /// - Throws: what kept the flush or the seal from being written; the database is closed all the same,
    ///   nothing is lost, and the next opening replays the log. A second call does nothing.
    public func close() async throws(EngineError) {
        let result: Result<Void, EngineError> = await world.scheduler.run(.read) {
            Result { () throws(EngineError) in try self.closeBlocking() }
        }
        try result.get()
    }

    /// `close` for a thread that may block.
    public func closeBlocking() throws(EngineError) {
        if background.isClosed { return }
        let result = Result { () throws(EngineError) in try self.seal() }
        markClosed()
        waitForBackground()
        saveDurations()
        saveScrub()
        manifest.close()
        releaseLock()
        try result.get()
    }

    /// Closes at once, as after a failure: nothing is flushed, and the next opening replays the log.
    public func abandon() {
        markClosed()
        readWriteLane?.stop()
        waitForBackground()
        manifest.close()
        releaseLock()
    }

    private func seal() throws(EngineError) {
        guard let lane = readWriteLane else { return }
        try flushBlocking()
        // A mark is written even if the log is synced, so that no idle mark comes between.
        try lane.appendMark(.syncMark)
        try turn.hold(world.scheduler) { () throws(EngineError) in
            try manifest.commit([numbers.edit, .logSynced(lane.synced), .closed(lane.tail)])
        }
        try lane.appendMark(.seal)
    }

    private func waitForBackground() {
        resumeParked()
        while true {
            let isBusy = background.state.withLock { state in
                state.isFlushing || !state.compacting.isEmpty
            }
            guard isBusy else { break }
            let gate = world.scheduler.makeGate()
            background.whenSomethingEnds { gate.open() }
            let isDone = background.state.withLock { state in
                !state.isFlushing && state.compacting.isEmpty
            }
            if isDone { background.somethingEnded() }
            gate.wait()
        }
        collectRetired()
        runFiles.removal.finish()
    }
}
