@testable import ShaleEngine
import Testing

struct CompactionPickerTests {
    @Test(
        arguments: [
            ([], nil),
            ([10], nil),
            ([10, 10, 10], nil),
            // Four upper runs of one size over a large bottom run become one.
            ([10, 10, 10, 10, 1000], 0..<4),
            // A much larger upper run is left alone.
            ([10, 10, 10, 500, 10_000], 0..<3),
            // At least two are merged, so that the number of runs is bounded.
            ([1, 10, 100, 1000, 10_000], 0..<2),
            // Upper runs that together reach a quarter of the bottom run are merged into it.
            ([10, 10, 10, 10, 100], 0..<5),
            ([10, 10, 10, 10, 161], 0..<4),
        ] as [([Int], Range<Int>?)]
    )
    func `runs of these sizes, newest first, are merged so`(sizes: [Int], expected: Range<Int>?) {
        #expect(CompactionPicker.pick(sizes) == expected)
    }

    @Test func `the number of runs stays small however large the partition grows`() {
        var sizes: [Int] = []
        var most = 0
        for _ in 0..<5_000 {
            sizes.insert(1, at: 0)
            while let range = CompactionPicker.pick(sizes) {
                sizes.replaceSubrange(range, with: [sizes[range].reduce(0, +)])
            }
            most = max(most, sizes.count)
        }
        #expect(most < EngineOptions().runCap)
    }
}
