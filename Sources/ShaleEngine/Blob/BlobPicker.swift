/// Decides which blob segments are collected: those with the smallest part that is needed, so many that what
/// is not needed takes a bounded part of the database.
///
/// A pure function, so that it is tested as a table. `Docs/Design/0003-compaction.md` has the reasons.
enum BlobPicker {
    /// What is known of a segment.
    struct Candidate: Hashable, Sendable {
        var number: FileNumber
        /// What all its blobs take.
        var blobBytes: Int
        /// What entries of runs refer to; more than there is where a split has shared runs.
        var liveBytes: Int

        /// What nobody needs.
        var deadBytes: Int { max(0, blobBytes - liveBytes) }
    }

    /// What nobody needs may take this part of runs and blob segments together.
    static let deadShare = 5
    /// Upper runs are merged into the bottom run when the blobs that they probably hide there are this part of
    /// all that the runs refer to.
    static let hiddenShare = 8
    /// That merge must write less than this part of the blobs that made it necessary.
    static let mergeCostShare = 4
    /// Segments of less than this part of a full one are gathered by a merge into the bottom run.
    static let smallShare = 16
    /// A collection reads each of its segments through a buffer: no more than this many at a time.
    static let segmentLimit = 32

    /// The segments to collect, the one with the smallest needed part first; empty if there is little to
    /// gain.
    ///
    /// `runBytes` is what run files take, `fullBytes` the size of a full segment.
    static func pick(
        _ candidates: [Candidate],
        runBytes: Int,
        fullBytes: Int
    ) -> [FileNumber] {
        let all = candidates.reduce(runBytes) { $0 + $1.blobBytes }
        var dead = candidates.reduce(0) { $0 + $1.deadBytes }
        let allowed = max(all / deadShare, fullBytes / smallShare)
        guard dead > allowed else { return [] }
        var picked: [FileNumber] = []
        for candidate in candidates.sorted(by: isEmptier) {
            guard dead > allowed, candidate.deadBytes > 0, picked.count < segmentLimit else {
                break
            }
            dead -= candidate.deadBytes
            picked.append(candidate.number)
        }
        return picked
    }

    /// Small segments that a merge into the bottom run gathers: none where there is only one.
    static func small(_ candidates: [Candidate], fullBytes: Int) -> [FileNumber] {
        let small = candidates.filter { $0.blobBytes < fullBytes / smallShare }
        guard small.count > 1 else { return [] }
        return small.map(\.number).sorted().prefix(segmentLimit).map { $0 }
    }

    /// Whether all runs (newest first) should be merged, so that values that newer ones hide are known to be
    /// dead: it is cheap, since references are merged and not values.
    ///
    /// `overwrittenShare` is as `CompactionPicker` has it.
    static func mergesAll(
        _ runs: [(sizeBytes: Int, blobBytes: Int)],
        overwrittenShare: Double
    ) -> Bool {
        let upper = runs.dropLast().reduce(0) { $0 + $1.blobBytes }
        let all = runs.reduce(0) { $0 + $1.blobBytes }
        let cost = runs.reduce(0) { $0 + $1.sizeBytes }
        let hidden = Double(upper) * min(1, max(0, overwrittenShare))
        return hidden > 0 && hidden * Double(hiddenShare) >= Double(all)
            && cost * mergeCostShare <= upper
    }

    private static func isEmptier(_ left: Candidate, _ right: Candidate) -> Bool {
        let (mine, theirs) = (
            Double(left.deadBytes) / Double(max(1, left.blobBytes)),
            Double(right.deadBytes) / Double(max(1, right.blobBytes))
        )
        return mine == theirs ? left.number < right.number : mine > theirs
    }
}
