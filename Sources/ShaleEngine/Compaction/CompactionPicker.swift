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
    static let upperRunLimit = 6
    /// So many runs are usual: upper runs, the bottom run, and those that come while it is merged.
    static let usualRunCount = 13
    /// Of many runs only the oldest meet the bottom run: so that beside that merge, which may be long,
    /// others have room to gather.
    static let bottomMergeInputs = 7
    /// With fewer at a time each byte would be written again for every flush.
    private static let fewestBesideBottom = 4
    /// Upper runs are merged into the bottom run when what they overwrite reaches this part of it: it
    /// bounds what overwritten and deleted entries take.
    static let bottomShare = 4
    /// However little is overwritten, upper runs are merged into the bottom run when they are as large, so
    /// that a change of habits does not do more than double the space.
    static let smallestOverwrittenShare = 0.25
    /// So many upper runs gather before they meet the bottom run, or of so many memtables the bytes: a small
    /// bottom run would be written again for every flush.
    static let fewestUpperRuns = 4
    static let fewestMemtables = 2
    /// What an idle partition may rewrite at once for each byte of its upper runs, and after how long as
    /// much again.
    static let settlingFactor = 8.0
    static let settlingSeconds = 10.0
    /// Tombstones are taken out when they are this part of a partition's entries: scans step over them.
    static let tombstoneShare = 8
    /// Fewer tombstones than this wait for their deadline.
    static let smallestTombstoneCount = 1_000

    /// The runs to merge, as a range of `runs` (newest first); nil if nothing needs to be.
    ///
    /// `overwrittenShare` is the part of upper runs' entries that hid one below when upper runs were last
    /// merged into the bottom run; 1 if that is not known. `flushBytes` is what memtables take when they
    /// are flushed; of compactions of this partition `mergesUnderWay` are. At `runCap` something is
    /// always picked.
    static func pick(
        _ runs: [Candidate],
        overwrittenShare: Double = 1,
        runCap: Int = .max,
        flushBytes: Int = 0,
        mergesUnderWay: Int = 1
    ) -> Range<Int>? {
        if let busy = runs.firstIndex(where: \.isBusy) {
            // One beside a merge into the bottom run; beside another there are few runs anyway. The more
            // of them merge, the fewer others may gather.
            guard runs.last?.isBusy == true, mergesUnderWay < 2 else { return nil }
            let room = min(usualRunCount, runCap - 1) - (runs.count - busy)
            let fewest = runs.count < runCap - 1 ? fewestBesideBottom : 2
            return pickUpper(runs[..<busy], limit: min(upperRunLimit, max(fewest, room)))
        }
        guard let bottom = runs.last else { return nil }
        if let first = runs.firstIndex(where: \.isOverdue) { return first..<runs.count }
        if hasManyTombstones(runs) { return 0..<runs.count }
        let upper = runs.dropLast()
        let upperBytes = upper.reduce(0) { $0 + $1.sizeBytes }
        let share = min(1, max(smallestOverwrittenShare, overwrittenShare))
        if Double(upperBytes * bottomShare) * share >= Double(bottom.sizeBytes),
            upper.count >= fewestUpperRuns || upperBytes >= max(1, fewestMemtables * flushBytes)
        {
            return max(0, runs.count - bottomMergeInputs)..<runs.count
        }
        return pickUpper(upper, limit: upperRunLimit)
            ?? (runs.count >= max(2, runCap) ? 0..<runs.count : nil)
    }

    /// After how many seconds without a write all runs are merged into one; nil if there is only one, or
    /// something is under way.
    ///
    /// Reads gain by it and nothing else. It may cost as many bytes as flushes have brought and settling has
    /// not used (`earned`), so that a load settles at once; beyond that the bytes grow no faster than
    /// idle time, and a small run over a large one waits for long.
    static func secondsToSettle(_ runs: [Candidate], earned: Int = 0) -> Double? {
        guard let bottom = runs.last, runs.count > 1, !runs.contains(where: \.isBusy) else {
            return nil
        }
        if runs.reduce(0, { $0 + $1.sizeBytes }) <= earned { return 0 }
        let upperBytes = runs.dropLast().reduce(0) { $0 + $1.sizeBytes }
        let ratio = Double(bottom.sizeBytes) / Double(max(1, upperBytes))
        return max(0, (ratio / settlingFactor - 1) * settlingSeconds)
    }

    private static func hasManyTombstones(_ runs: [Candidate]) -> Bool {
        let tombstones = runs.reduce(0) { $0 + $1.tombstoneCount }
        let entries = runs.reduce(0) { $0 + $1.entryCount }
        return tombstones >= smallestTombstoneCount && tombstones * tombstoneShare >= entries
    }

    /// Of the newest runs so many that the bytes for each run that goes away are fewest.
    private static func pickUpper(_ runs: ArraySlice<Candidate>, limit: Int) -> Range<Int>? {
        guard runs.count >= limit else { return nil }
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
