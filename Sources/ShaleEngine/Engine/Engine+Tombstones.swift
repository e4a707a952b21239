internal import ShalePlatform
internal import Synchronization

/// Deadlines of tombstones: what was deleted leaves the disk in bounded time, on an idle database too.
///
/// One check is due at a time, and none when nothing was written or deleted since: an idle database is idle.
extension Engine {
    /// A tombstone that is older makes its run meet those below it.
    static let tombstoneDeadline = Duration.seconds(3600)
    private static let tombstoneDeadlineMilliseconds: Int64 = 3_600_000

    /// Makes sure that somebody looks after one more deadline.
    func expectTombstones() {
        guard !background.isTombstoneCheckDue.load(ordering: .relaxed),
            !background.isTombstoneCheckDue.exchange(true, ordering: .relaxed)
        else { return }
        world.scheduler.schedule(.housekeeping, after: Self.tombstoneDeadline) { [weak self] in
            self?.checkTombstones()
        }
    }

    private func checkTombstones() {
        background.isTombstoneCheckDue.store(false, ordering: .relaxed)
        guard !background.isClosed else { return }
        // Tombstones in memory get a run, and its deadline.
        if map.partitions.contains(where: { $0.oldestUnflushed != nil }) {
            expectTombstones()
            requestFlush()
        }
        do throws(EngineError) {
            let now = world.time.wallMilliseconds
            for partition in map.partitions {
                for run in partition.runs where run.tombstoneCount > 0 {
                    expectTombstones()
                    let oldest = try oldestTombstone(of: run, partition)
                    guard oldest + Self.tombstoneDeadlineMilliseconds <= now else { continue }
                    _ = background.state.withLock { $0.overdueRuns.insert(run.record.id) }
                }
            }
        } catch {
            emit(.backgroundFailed(error))
        }
        requestCompactions()
    }

    /// Wall-clock milliseconds of the oldest tombstone in the part of the run that is left.
    private func oldestTombstone(
        of run: Run,
        _ partition: PartitionView
    ) throws(EngineError) -> Int64 {
        var oldest = Int64.max
        for section in run.sections(in: run.clip(partition.range)) {
            let summary = try section.summary(.blocking)
            guard summary.tombstoneCount > 0 else { continue }
            oldest = min(oldest, summary.origin.oldestTombstoneMilliseconds)
        }
        return oldest == .max ? world.time.wallMilliseconds : oldest
    }
}
