internal import ShalePlatform
internal import Synchronization

/// The order of classes: log, flush, upper runs, bottom run. Each goes before the next.
///
/// Log and flush have threads of their own. A merge gives way between two of its steps: one into the bottom
/// run while upper runs are merged, and every one while a flush is behind, so that memory fills. It is
/// parked, and goes on when what it waited for has ended. Once runs have gathered nothing gives way to a
/// flush any more: then it is compactions that writers wait for.
extension Engine {
    /// Schedules the next step of a compaction that has just written `bytes`.
    func scheduleStep(of job: CompactionJob, after bytes: Int) {
        let load = admissionLoad
        let isFlushUrgent =
            WriteAdmission.memoryDebt(load) > 0 && WriteAdmission.runDebt(load) == 0
        let isParked = background.state.withLock { state in
            let givesWay =
                (state.isFlushing && isFlushUrgent)
                || (job.reachesBottom && state.upperMergeCount > 0)
            guard givesWay, !state.isClosed else { return false }
            state.parked.append { self.continueCompaction(job) }
            return true
        }
        guard !isParked else { return }
        let pause = backgroundPause(after: bytes)
        world.scheduler.schedule(.compaction, after: .nanoseconds(pause)) {
            // Behind a pause there may be the rest of it, or something to give way to.
            if pause > 0, !self.background.isClosed { return self.scheduleStep(of: job, after: 0) }
            self.continueCompaction(job)
        }
    }

    /// Charges background bytes to the rate that was chosen.
    /// - Returns: how long the next step waits, in nanoseconds.
    @discardableResult
    func backgroundPause(after bytes: Int) -> UInt64 {
        let rate = options.backgroundBytesPerSecond
        guard rate > 0 else { return 0 }
        let now = world.time.monotonicNanoseconds
        let load = admissionLoad
        let debt = max(WriteAdmission.runDebt(load), WriteAdmission.spaceDebt(load))
        return background.pace.withLock {
            $0.pause(at: now, bytes: bytes, rate: rate, debt: debt)
        }
    }

    /// Something that others gave way to has ended, or everything has: they look again.
    func resumeParked() {
        let parked = background.state.withLock { state in
            defer { state.parked = [] }
            return state.parked
        }
        for step in parked { world.scheduler.schedule(.compaction, step) }
    }
}
