internal import ShalePlatform
internal import Synchronization

// A segment failed, and the log goes on in another.
extension SegmentStore {
    /// Makes a segment of at least this capacity at once.
    func makeNow(minimumCapacityBytes: Int) throws(EngineError) -> LogSegment {
        let (capacity, spare) = takeSpare(minimumCapacityBytes)
        return try make(capacity, spare)
    }

    /// Takes note of where the log is, and lets go of what was passed over.
    func didMove(_ move: LogMove) {
        let left = note(move)
        guard !left.isEmpty else { return }
        world.scheduler.schedule(.housekeeping) { self.drop(left) }
    }

    /// What recovery passes over is only in the way: an error leaves it for the next opening.
    private func drop(_ records: [SegmentRecord]) {
        do throws(EngineError) {
            try hooks.commit(records.map { .removeSegment($0.number) })
            try remove(records.map(\.file))
        } catch {
            hooks.tell(error)
        }
    }
}
