internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// An idle database settles: each partition's runs become one, so that what is read afterwards asks one run.
///
/// Idle is a database that nobody has written to for a moment. One look is due at a time, and none when
/// there is nothing to merge. How long a partition waits, `CompactionPicker.secondsToSettle` says.
extension Engine {
    /// Shorter pauses between writes are none.
    static let shortestIdleTime = Duration.milliseconds(50)
    private static let shortestIdleNanoseconds: UInt64 = 50_000_000
    /// Nobody is asked to look later than this.
    private static let longestLook = 60.0

    /// Makes sure that somebody looks whether the database is idle, if that could matter.
    func expectSettling(after delay: Duration = shortestIdleTime) {
        guard background.mostRuns.load(ordering: .relaxed) > 1,
            !background.isSettlingDue.exchange(true, ordering: .relaxed)
        else { return }
        // What was written until now is taken note of.
        _ = idleNanoseconds()
        world.scheduler.schedule(.housekeeping, after: delay) { [weak self] in self?.settle() }
    }

    private func settle() {
        background.isSettlingDue.store(false, ordering: .relaxed)
        guard !background.isClosed else { return }
        let idle = idleNanoseconds()
        var next: Double?
        for partition in map.partitions where partition.runs.count > 1 {
            let (claims, isFlushing) = background.state.withLock { state in
                (state.compacting.filter { $0.partition == partition.id }, state.isFlushing)
            }
            // What is under way looks again when it ends.
            let runs = candidates(partition, claims, [])
            let earned = background.settlingBytes.load(ordering: .relaxed)
            guard !isFlushing,
                let wait = CompactionPicker.secondsToSettle(runs, earned: earned)
            else { continue }
            let left = wait - Double(idle) / 1e9
            if idle >= Self.shortestIdleNanoseconds, left <= 0 {
                beginSettling(partition.id)
            } else {
                next = min(next ?? Self.longestLook, left)
            }
        }
        if let next { expectSettling(after: max(Self.shortestIdleTime, .seconds(next))) }
    }

    /// How long nothing has been written, as far as looks have told.
    private func idleNanoseconds() -> UInt64 {
        let written = counters.writtenBytes.load(ordering: .relaxed)
        let now = world.time.monotonicNanoseconds
        return background.lastWrite.withLock { last in
            if last.written != written { last = (written, now) }
            return now - min(now, last.nanoseconds)
        }
    }

    /// Flushes earn what settling may write; more than all that there is would never be needed.
    func earnSettling(_ bytes: Int) {
        let all = manifest.state.files.values.reduce(0) { $0 + $1.sizeBytes }
        let earned = background.settlingBytes.load(ordering: .relaxed) + bytes
        background.settlingBytes.store(min(max(0, earned), all), ordering: .relaxed)
    }

    private func beginSettling(_ id: PartitionID) {
        let claim: CompactionClaim? = background.state.withLock { state -> CompactionClaim? in
            guard !state.isClosed, !state.compacting.contains(where: { $0.partition == id }),
                let partition = map.partitions.first(where: { $0.id == id }),
                partition.runs.count > 1
            else { return nil }
            let claim = self.claim(partition, 0..<partition.runs.count)
            state.compacting.append(claim)
            return claim
        }
        guard let claim else { return }
        let bytes = map.partitions.first { $0.id == id }?.runs.reduce(0) { $0 + $1.sizeBytes } ?? 0
        earnSettling(-bytes)
        world.scheduler.schedule(.compaction) { self.beginCompaction(claim) }
    }
}
