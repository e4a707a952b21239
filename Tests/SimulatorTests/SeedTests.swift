import Simulator
import Testing

/// Whole histories of databases whose power is cut again and again.
struct SeedTests {
    /// What a seed has found once.
    static let found: [(seed: UInt64, what: String)] = [
        (24, "a number in a torn manifest was taken for a group, and the database did not open"),
        (142, "what was replayed after a failed sync was synced and not written again"),
        (154, "spare segments were removed by a manifest that only the kernel had"),
        (220, "a compaction behind one that was cut short set the lower bound of a run back"),
    ]

    @Test(arguments: found.map(\.seed))
    func `what was found once is not found again`(seed: UInt64) throws {
        var run = SeedRun(seed: seed)
        try run.run(cuts: 20)
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func `no acknowledged write is lost, and no other comes back`(seed: UInt64) throws {
        var run = SeedRun(seed: seed)
        try run.run(cuts: 5)
        #expect(run.counts.cuts >= 5)
        #expect(run.counts.batches > 0)
    }

    @Test(arguments: [3, 17, 40] as [UInt64])
    func `a seed gives one history`(seed: UInt64) throws {
        var first = SeedRun(seed: seed)
        var second = SeedRun(seed: seed)
        try first.run(cuts: 6)
        try second.run(cuts: 6)
        #expect(first.traceHash == second.traceHash)
    }
}
