import Simulator
import Testing

/// Whole histories of tables whose power is cut again and again.
struct TableSeedTests {
    /// What a seed has found once, within so many crashes.
    static let found: [(seed: UInt64, cuts: Int, what: String)] = [
        (
            208, 3,
            "a writer that did not know a new index overwrote an item and left its entry behind"
        ),
        (132, 12, "a synced update changed nothing, and what it had read was lost with the power"),
        (60, 10, "an item that was due when it was written beside a round of the clock stayed"),
        (27, 16, "a part of an object of an export, which a crash had cut off, stayed for ever"),
        (839, 20, "an object was put into a directory whose name only the kernel had"),
        (30_000_925, 20, "the past went on from a seal that only the kernel had"),
    ]

    @Test(arguments: found.map { ($0.seed, $0.cuts) })
    func `what was found once is not found again`(seed: UInt64, cuts: Int) throws {
        var run = TableRun(seed: seed)
        try run.run(cuts: cuts)
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `tables, indexes and answers are what the history allows`(seed: UInt64) throws {
        var run = TableRun(seed: seed)
        try run.run(cuts: 3)
        #expect(run.counts.cuts >= 3)
        #expect(run.counts.batches > 0)
    }

    @Test(arguments: [3, 17, 40] as [UInt64])
    func `a seed gives one history of tables`(seed: UInt64) throws {
        var first = TableRun(seed: seed)
        var second = TableRun(seed: seed)
        try first.run(cuts: 4)
        try second.run(cuts: 4)
        #expect(first.traceHash == second.traceHash)
    }
}
