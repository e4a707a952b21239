/// Decides which runs of a partition to merge: lazy levelling.
///
/// A few small runs lie over one bottom run with most of the data.
///
/// A pure function of sizes, so that it is tested as a table.
enum CompactionPicker {
    /// This many upper runs gather before some are merged.
    static let upperRunLimit = 4
    /// Upper runs are merged into the bottom run when together they reach this part of it: it bounds
    /// what overwritten and deleted entries may take.
    static let bottomShare = 4
    /// A run joins a merge of newer ones if it is at most this many times as large as they are together.
    static let growth = 2

    /// The runs to merge, as a range of `sizes` (bytes, newest first); nil if nothing needs to be.
    static func pick(_ sizes: [Int]) -> Range<Int>? {
        guard sizes.count > 1, let bottom = sizes.last else { return nil }
        let upper = sizes.dropLast()
        let upperBytes = upper.reduce(0, +)
        if upperBytes * bottomShare >= bottom, upper.count >= upperRunLimit {
            return 0..<sizes.count
        }
        guard upper.count >= upperRunLimit else { return nil }
        var end = 1
        var merged = sizes[0]
        while end < upper.count, sizes[end] <= growth * merged || end < 2 {
            merged += sizes[end]
            end += 1
        }
        return end == upper.count && merged * bottomShare >= bottom ? 0..<sizes.count : 0..<end
    }
}
