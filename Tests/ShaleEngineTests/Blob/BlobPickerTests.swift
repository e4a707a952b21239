import Testing

@testable import ShaleEngine

/// Which blob segments are collected, as a table.
struct BlobPickerTests {
    private static let full = 1600

    /// Segments of `full` bytes, numbered from 1, of which so many bytes are needed.
    private func segments(_ live: [Int]) -> [BlobPicker.Candidate] {
        live.enumerated().map { index, live in
            BlobPicker.Candidate(
                number: FileNumber(UInt64(index + 1)),
                blobBytes: Self.full,
                liveBytes: live
            )
        }
    }

    @Test(
        arguments: [
            ("nothing is dead", [1600, 1600], 0, []),
            ("a fifth may be dead", [1280, 1280], 0, []),
            ("above it the emptiest goes", [1279, 1280, 1270], 0, [3]),
            ("and so many that a fifth is left", [400, 1600, 600, 800], 0, [1, 3]),
            ("runs count as needed", [400, 1600, 600, 800], 9_000, []),
            ("more than there is is needed after a split", [2000, 0], 0, [2]),
        ] as [(String, [Int], Int, [UInt64])]
    )
    func `the emptiest segments are picked while too much is dead`(
        what: String,
        live: [Int],
        runBytes: Int,
        expected: [UInt64]
    ) {
        let picked = BlobPicker.pick(segments(live), runBytes: runBytes, fullBytes: Self.full)
        #expect(picked.map(\.rawValue) == expected, "\(what)")
    }

    @Test func `what is small beside a full segment is not worth a collection`() {
        let dead = BlobPicker.Candidate(number: FileNumber(1), blobBytes: 100, liveBytes: 0)
        #expect(BlobPicker.pick([dead], runBytes: 0, fullBytes: 1600) == [])
        #expect(BlobPicker.pick([dead], runBytes: 0, fullBytes: 1599) == [FileNumber(1)])
    }

    @Test func `a collection has a bound`() {
        let many = segments([Int](repeating: 1, count: 100))
        let picked = BlobPicker.pick(many, runBytes: 0, fullBytes: Self.full)
        #expect(picked.count == BlobPicker.segmentLimit)
    }

    @Test(
        arguments: [
            ("one run hides nothing", [(10, 10_000)], 1, false),
            ("an eighth may be hidden", [(10, 1000), (10, 9000)], 1, false),
            ("more is worth a merge", [(10, 1300), (10, 9000)], 1, true),
            ("unless keys were new so far", [(10, 1300), (10, 9000)], 0.1, false),
            ("or all of them", [(10, 9000), (10, 9000)], 0, false),
            ("or the merge has much to write", [(10, 1300), (400, 9000)], 1, false),
            ("no blobs, no merge", [(10, 0), (10, 0)], 1, false),
        ] as [(String, [(Int, Int)], Double, Bool)]
    )
    func `runs are merged when newer ones hide many blobs`(
        what: String,
        runs: [(Int, Int)],
        share: Double,
        expected: Bool
    ) {
        let runs = runs.map { (sizeBytes: $0.0, blobBytes: $0.1) }
        #expect(BlobPicker.mergesAll(runs, overwrittenShare: share) == expected, "\(what)")
    }

    @Test func `small segments are gathered where there are several`() {
        func small(_ sizes: [Int]) -> [UInt64] {
            let candidates = sizes.enumerated().map { index, size in
                BlobPicker.Candidate(
                    number: FileNumber(UInt64(index + 1)),
                    blobBytes: size,
                    liveBytes: size
                )
            }
            return BlobPicker.small(candidates, fullBytes: 1600).map(\.rawValue)
        }
        #expect(small([1600, 99]) == [])
        #expect(small([99, 100, 10]) == [1, 3])
    }
}
