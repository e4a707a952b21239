import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Sorted runs of several files against sorted arrays.
struct RunScanTests {
    /// A run of six files with 100 entries each, of which those before `bound` are hidden.
    private func run(
        _ entries: [TestEntry],
        from bound: [UInt8],
        _ fixture: RunFixture
    ) throws -> Run {
        let shape = RunFixture.shape(blockSize: 512)
        var pieces: [RunPiece] = []
        var leases: [RunFileLease] = []
        for part in 0..<6 {
            let slice = Array(entries[(part * 100)..<(part * 100 + 100)])
            let written = try fixture.write([slice], number: UInt64(part + 1), shape: shape)
            let section = try #require(written.sections.first)
            pieces.append(
                RunPiece(
                    file: FileNumber(UInt64(part + 1)),
                    section: 0,
                    sizeBytes: section.fileRange.count,
                    entryCount: 100,
                    tombstoneCount: 0,
                    firstKey: section.firstKey,
                    lastKey: section.lastKey
                )
            )
            leases.append(RunFileLease(fixture.open(written.reference)) { _ in })
        }
        return Run(RunRecord(id: RunID(1), pieces: pieces, lowerBound: bound), leases)
    }

    @Test(arguments: [ScanDirection.ascending, .descending], [true, false])
    func `a run of several files is one sequence`(
        direction: ScanDirection,
        isOldest: Bool
    ) throws {
        var maker = EntryMaker(seed: 3)
        let entries = maker.entries(600, largestValue: 40)
        let fixture = try RunFixture()
        let bound = entries[150].key
        let run = try run(entries, from: bound, fixture)
        for round in 0..<200 {
            var range = round == 0 ? .all : maker.range(entries)
            if round.isMultiple(of: 3),
                let key = entries.randomElement(using: &maker.generator)?.key
            {
                range = EntryRange(prefix: Array(key.prefix(EntryKey.partitionOffset)))
            }
            let inside = entries.filter {
                range.contains($0.key) && !KeyOrder.isAscending($0.key, bound)
            }
            let found = try range.withBounds(direction) { bounds throws(EngineError) in
                var scan = try RunScan(Unretained(run), bounds, isOldest: isOldest, .blocking)
                var found: [TestEntry] = []
                while !scan.isAtEnd {
                    let value = scan.kind == .tombstone ? nil : scan.value.copied()
                    found.append(TestEntry(scan.key.copied(), value))
                    try scan.advance()
                }
                return found
            }
            #expect(found == (direction == .ascending ? inside : inside.reversed()))
        }
        withExtendedLifetime(run) {}
    }

    @Test func `what was taken out of a run stays out`() throws {
        var maker = EntryMaker(seed: 4)
        let entries = maker.entries(600, largestValue: 40)
        let run = try run(entries, from: [], try RunFixture())
        let trimmed = try #require(run.trimmed(to: entries[300].key))
        let again = try #require(trimmed.trimmed(to: entries[100].key))
        #expect(again.record.lowerBound == entries[300].key)
        #expect(
            try #require(again.trimmed(to: entries[400].key)).record.lowerBound == entries[400].key
        )
    }

    @Test func `of an absent partition key no block is read from the disk`() throws {
        var maker = EntryMaker(seed: 5)
        let entries = maker.entries(600, largestValue: 40)
        let fixture = try RunFixture()
        let run = try run(entries, from: [], fixture)
        var blocks = 0
        for _ in 0..<300 {
            let key = EntryKey(hash: maker.generator.next(), partition: [1], sort: []).bytes
            let before = fixture.cache.statistics.insertions
            let isEmpty = try EntryRange(prefix: key).withBounds(.ascending) {
                bounds throws(EngineError) in
                try RunScan(Unretained(run), bounds, isOldest: true, .blocking).isAtEnd
            }
            #expect(isEmpty)
            // The first scans read index and filter.
            blocks += fixture.cache.statistics.insertions - before
        }
        #expect(blocks < 30)
        withExtendedLifetime(run) {}
    }
}
