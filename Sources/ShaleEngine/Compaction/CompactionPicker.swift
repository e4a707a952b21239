/// Decides which runs of a partition to merge: lazy levelling.
///
/// A few small runs lie over one bottom run with most of the data. Upper runs are merged among each other
/// when there are many of them, as few bytes for each run that goes away as possible; and into the bottom
/// run when what they overwrite takes too much room. While a merge into the bottom run is under way, the
/// runs that have come since are merged among themselves, so that a long merge does not let them pile up.
///
/// A pure function, so that it is tested as a table. `Docs/Design/0003-compaction.md` has the reasons and
/// what the numbers cost.
enum CompactionPicker {
    /// What is known of a run.
    struct Candidate: Hashable, Sendable {
        var sizeBytes: Int
        var entryCount = 0
        var tombstoneCount = 0
        /// Whether a compaction that is under way has it.
        var isBusy = false
        /// Whether it has a tombstone that is past its deadline.
        var isOverdue = false
    }

    /// This many upper runs gather before some are merged.
    static let upperRunLimit = 5
    /// Upper runs are merged into the bottom run when what they overwrite reaches this part of it: it
    /// bounds what overwritten and deleted entries take.
    static let bottomShare = 4
    /// However little is overwritten, upper runs are merged into the bottom run at five eighths of it,
    /// so that a change of habits does not double the space.
    static let smallestOverwrittenShare = 0.4
    /// Tombstones are taken out when they are this part of a partition's entries: scans step over them.
    static let tombstoneShare = 8
    /// Fewer tombstones than this wait for their deadline.
    static let smallestTombstoneCount = 1_000

    /// The runs to merge, as a range of `runs` (newest first); nil if nothing needs to be.
    ///
    /// `overwrittenShare` is the part of upper runs' entries that hid one below when upper runs were last
    /// merged into the bottom run; 1 if that is not known.
    /// At `runCap` something is always picked.
    static func pick(
        _ runs: [Candidate],
        overwrittenShare: Double = 1,
        runCap: Int = .max
    ) -> Range<Int>? {
        if let busy = runs.firstIndex(where: \.isBusy) {
            // Only beside a merge into the bottom run; beside another there are few runs anyway.
            guard runs.last?.isBusy == true else { return nil }
            return pickUpper(runs[..<busy])
        }
        guard let bottom = runs.last else { return nil }
        if let first = runs.firstIndex(where: \.isOverdue) { return first..<runs.count }
        if hasManyTombstones(runs) { return 0..<runs.count }
        let upper = runs.dropLast()
        let upperBytes = upper.reduce(0) { $0 + $1.sizeBytes }
        let share = min(1, max(smallestOverwrittenShare, overwrittenShare))
        if !upper.isEmpty, Double(upperBytes * bottomShare) * share >= Double(bottom.sizeBytes) {
            return 0..<runs.count
        }
        return pickUpper(upper) ?? (runs.count >= max(2, runCap) ? 0..<runs.count : nil)
    }

    private static func hasManyTombstones(_ runs: [Candidate]) -> Bool {
        let tombstones = runs.reduce(0) { $0 + $1.tombstoneCount }
        let entries = runs.reduce(0) { $0 + $1.entryCount }
        return tombstones >= smallestTombstoneCount && tombstones * tombstoneShare >= entries
    }

    /// Of the newest runs so many that the bytes for each run that goes away are fewest.
    private static func pickUpper(_ runs: ArraySlice<Candidate>) -> Range<Int>? {
        guard runs.count >= upperRunLimit else { return nil }
        var best: (bytesPerRun: Double, end: Int)?
        var bytes = 0
        for (index, run) in runs.enumerated() {
            bytes += run.sizeBytes
            guard index > 0 else { continue }
            let bytesPerRun = Double(bytes) / Double(index)
            if best.map({ bytesPerRun < $0.bytesPerRun }) ?? true {
                best = (bytesPerRun, index + 1)
            }
        }
        return best.map { 0..<$0.end }
    }
}
