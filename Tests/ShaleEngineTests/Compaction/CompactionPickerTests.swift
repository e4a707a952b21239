@testable import ShaleEngine
import Testing

struct CompactionPickerTests {
    private static func runs(
        _ sizes: [Int],
        busy: Set<Int> = [],
        overdue: Set<Int> = []
    ) -> [CompactionPicker.Candidate] {
        sizes.enumerated().map {
            CompactionPicker.Candidate(
                sizeBytes: $1,
                isBusy: busy.contains($0),
                isOverdue: overdue.contains($0)
            )
        }
    }

    @Test(
        arguments: [
            ([], nil),
            ([10], nil),
            ([10, 10, 10, 10, 10, 1000], nil),
            // Six upper runs of one size over a large bottom run become one.
            ([10, 10, 10, 10, 10, 10, 1000], 0..<6),
            // A much larger upper run is left alone.
            ([10, 10, 10, 10, 10, 500, 10_000], 0..<5),
            // At least two are merged, so that the number of runs is bounded.
            ([1, 10, 100, 1000, 10_000, 100_000, 1_000_000], 0..<2),
            // Upper runs that together reach a quarter of the bottom run are merged into it.
            ([15, 10, 100], 0..<3),
            ([14, 10, 100], nil),
        ] as [([Int], Range<Int>?)]
    )
    func `runs of these sizes, newest first, are merged so`(sizes: [Int], expected: Range<Int>?) {
        #expect(CompactionPicker.pick(Self.runs(sizes)) == expected)
    }

    @Test(
        arguments: [
            // A merge into the bottom run is under way: what has come since is merged by itself.
            ([10, 10, 10, 10, 10, 10, 30, 100], [6, 7], 0..<6),
            ([10, 10, 10, 10, 10, 30, 100], [5, 6], nil),
            // The more runs that merge has, the fewer may come before they are merged.
            (
                [10, 10, 10, 10, 10, 20, 20, 20, 20, 20, 20, 20, 100],
                [5, 6, 7, 8, 9, 10, 11, 12], 0..<5
            ),
            ([10, 10, 10, 10, 20, 20, 20, 20, 20, 20, 20, 100], [4, 5, 6, 7, 8, 9, 10, 11], nil),
            // Even if very many merge, never two at a time, but at the cap.
            ([10, 10, 10] + [Int](repeating: 20, count: 10) + [100], Set(3...13), nil),
            ([10, 10, 10, 10] + [Int](repeating: 20, count: 9) + [100], Set(4...13), 0..<4),
            // Beside any other merge nothing begins.
            ([10, 10, 10, 10, 10, 10, 30, 100], [4, 5], nil),
        ] as [([Int], Set<Int>, Range<Int>?)]
    )
    func `runs under compaction are left alone`(
        sizes: [Int],
        busy: Set<Int>,
        expected: Range<Int>?
    ) {
        #expect(CompactionPicker.pick(Self.runs(sizes, busy: busy)) == expected)
        // Two at a time are enough.
        let runs = Self.runs(sizes, busy: busy)
        #expect(CompactionPicker.pick(runs, mergesUnderWay: 2) == nil)
    }

    @Test(arguments: [(1.0, true), (0.9, true), (0.8, false), (0.0, false)])
    func `where little is overwritten the bottom run waits longer`(share: Double, merges: Bool) {
        let picked = CompactionPicker.pick(Self.runs([30, 100]), overwrittenShare: share)
        #expect(picked == (merges ? 0..<2 : nil))
        #expect(CompactionPicker.pick(Self.runs([100, 100]), overwrittenShare: share) == 0..<2)
    }

    @Test(
        arguments: [
            ([10, 20], nil),
            ([10, 10, 10, 20], nil),
            ([10, 10, 10, 10, 20], 0..<5),
            // As many bytes as two memtables take.
            ([100, 20], nil),
            ([180, 20, 100], 0..<3),
            // A large bottom run is met when the upper ones are a quarter of it.
            ([249, 1000], nil),
            ([250, 1000], 0..<2),
        ] as [([Int], Range<Int>?)]
    )
    func `a small bottom run is not written again for every flush`(
        sizes: [Int],
        expected: Range<Int>?
    ) {
        #expect(CompactionPicker.pick(Self.runs(sizes), flushBytes: 100) == expected)
    }

    @Test(
        arguments: [
            ([100], [], nil), ([100, 100], [], 0), ([10, 90, 800], [], 0),
            // A small run over a large one waits, and always for the same bytes a second.
            ([100, 1600], [], 10), ([50, 50, 8_800], [], 100),
            // Something is under way.
            ([100, 100], [1], nil),
        ] as [([Int], Set<Int>, Double?)]
    )
    func `an idle partition settles the later the more it costs`(
        sizes: [Int],
        busy: Set<Int>,
        seconds: Double?
    ) {
        let runs = Self.runs(sizes, busy: busy)
        #expect(CompactionPicker.secondsToSettle(runs) == seconds)
        // What flushes have earned is written at once.
        let all = sizes.reduce(0, +)
        #expect(CompactionPicker.secondsToSettle(runs, earned: all - 1) == seconds)
        #expect(CompactionPicker.secondsToSettle(runs, earned: all) == seconds.map { _ in 0 })
    }

    @Test func `at the cap two are merged beside a merge into the bottom run`() {
        let runs = Self.runs([10, 10] + [Int](repeating: 20, count: 13), busy: Set(2...14))
        #expect(CompactionPicker.pick(runs, runCap: 16) == 0..<2)
        #expect(CompactionPicker.pick(runs, runCap: 20) == nil)
    }

    @Test func `of many runs the oldest meet the bottom run`() {
        let runs = Self.runs([Int](repeating: 30, count: 11) + [100])
        #expect(CompactionPicker.pick(runs) == 5..<12)
    }

    @Test func `a tombstone past its deadline goes down to the bottom`() {
        #expect(CompactionPicker.pick(Self.runs([1, 1, 900], overdue: [1])) == 1..<3)
        #expect(CompactionPicker.pick(Self.runs([900], overdue: [0])) == 0..<1)
    }

    @Test(arguments: [(999, false), (1_000, true)])
    func `many tombstones are taken out`(count: Int, merges: Bool) {
        var runs = Self.runs([1, 1000])
        runs[0].tombstoneCount = count
        runs[0].entryCount = count
        runs[1].entryCount = 7_000
        #expect(CompactionPicker.pick(runs) == (merges ? 0..<2 : nil))
        // A small part of the entries waits for its deadline.
        runs[1].entryCount = 8_000
        #expect(CompactionPicker.pick(runs) == nil)
    }

    /// Flushes of one size into a partition of `keys` keys, each overwriting random ones.
    private func overwrite(
        keys: Double,
        flush: Double,
        count: Int
    ) -> (written: Double, mostRuns: Int, mostSpace: Double) {
        var runs = [keys]
        var written = 0.0
        var most = 0
        var space = 0.0
        for _ in 0..<count {
            runs.insert(flush, at: 0)
            written += flush
            while let range = CompactionPicker.pick(Self.runs(runs.map { Int($0) })) {
                let merged = runs[range].reduce(0) { $0 + $1 - $0 * $1 / keys }
                written += merged
                runs.replaceSubrange(range, with: [merged])
            }
            most = max(most, runs.count)
            space = max(space, runs.reduce(0, +) / keys)
        }
        return (written / (flush * Double(count)), most, space)
    }

    @Test(arguments: [2.0, 10, 30, 60])
    func `overwriting costs bounded writes, space and runs`(flushesOfData: Double) {
        let keys = 1e7
        let found = overwrite(keys: keys, flush: keys / flushesOfData, count: 2_000)
        #expect(found.written < 8.5)
        #expect(found.mostRuns <= CompactionPicker.upperRunLimit + 1)
        #expect(found.mostSpace <= 1.25)
    }

    @Test func `the number of runs stays small however large the partition grows`() {
        var sizes: [Int] = []
        var most = 0
        for _ in 0..<5_000 {
            sizes.insert(1, at: 0)
            while let range = CompactionPicker.pick(Self.runs(sizes), overwrittenShare: 0) {
                sizes.replaceSubrange(range, with: [sizes[range].reduce(0, +)])
            }
            most = max(most, sizes.count)
        }
        #expect(most < EngineOptions().runCap)
    }
}
