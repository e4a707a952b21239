import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Run files against sorted arrays, for many shapes.
@Suite struct RunFilePropertyTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var seed: Int
        var counts: [Int]
        var blockSize = 512
        var filterBits = 10
        var compression = EngineOptions.Compression.lz4
        var largestValue = 200
        var cacheBytes = 16 * 1024 * 1024
        var testDescription: String { "seed \(seed), counts \(counts), blocks of \(blockSize)" }
    }

    static let cases: [Case] = [
        Case(seed: 1, counts: [1]),
        Case(seed: 2, counts: [2, 1, 3]),
        Case(seed: 3, counts: [3000], blockSize: 256),
        Case(seed: 4, counts: [500, 700, 300]),
        Case(seed: 5, counts: [2000], compression: .none),
        Case(seed: 6, counts: [2000], filterBits: 0),
        Case(seed: 7, counts: [300], largestValue: 70_000),
        Case(seed: 8, counts: [12, 5], largestValue: Limits.valueSizeBytes),
        Case(seed: 9, counts: [3000], blockSize: 16 * 1024),
        Case(seed: 10, counts: [1500], cacheBytes: 0),
        Case(seed: 11, counts: [12_000], blockSize: 256, filterBits: 64, largestValue: 8),
    ]

    @Test func `an index of many levels is searched and walked`() throws {
        // Separators as long as the keys, and so few children a piece.
        let shared = [UInt8](repeating: 7, count: 12_000)
        let entries = (0..<400).map { (index: Int) -> TestEntry in
            let place = [UInt8(index / 256), UInt8(index % 256)]
            return TestEntry(shared + place + [1], place)
        }
        let fixture = try RunFixture()
        let written = try fixture.write([entries], shape: RunFixture.shape(blockSize: 256))
        let file = try fixture.files.open(fixture.path(1), .read)
        let levels = try RunFileInspector.parts(of: file, name: "").compactMap { part in
            if case .index(_, let level, _) = part.content { level } else { nil }
        }
        #expect(levels.max() == 3)
        #expect(try RunFileVerifier.problems(of: file, written.reference) == [])
        let section = fixture.open(written.reference).section(0)
        for entry in entries {
            let hash = RunFormat.keyHash(entry.key)
            #expect(try section.get(entry.key, keyHash: hash, .blocking).found == entry.value)
            let between = entry.key.dropLast() + [2]
            guard let next = entries.first(where: { KeyOrder.isAscending(entry.key, $0.key) })
            else { continue }
            let range = EntryRange(lower: Array(between), upper: next.key + [0])
            #expect(try section.entries(range, .ascending, .blocking) == [next])
            #expect(try section.entries(range, .descending, .blocking) == [next])
        }
        #expect(try section.entries(.all, .ascending, .sequential) == entries)
        #expect(try section.entries(.all, .descending, .blocking) == entries.reversed())
        let middle = try #require(try section.middleKey(in: .all, .blocking))
        let place = try #require(entries.firstIndex { $0.key == middle })
        #expect((100..<300).contains(place))
    }

    private func section(_ test: Case) throws -> (RunFile, [[TestEntry]], EntryMaker) {
        var maker = EntryMaker(seed: test.seed)
        let sections = test.counts.map { maker.entries($0, largestValue: test.largestValue) }
        let fixture = try RunFixture(cacheBytes: test.cacheBytes)
        let shape = RunFixture.shape(
            blockSize: test.blockSize,
            filterBits: test.filterBits,
            compression: test.compression
        )
        return (try fixture.make(sections, shape: shape), sections, maker)
    }

    @Test(arguments: cases)
    func `every key is found, and no other`(test: Case) throws {
        var (file, sections, maker) = try section(test)
        for (ordinal, entries) in sections.enumerated() {
            let section = file.section(ordinal)
            for entry in entries {
                let hash = RunFormat.keyHash(entry.key)
                let found = try section.get(entry.key, keyHash: hash, .blocking).found
                #expect(found == .some(entry.value))
            }
            let keys = Set(entries.map(\.key))
            for _ in 0..<300 {
                let key = maker.bound(entries)
                guard !keys.contains(key) else { continue }
                let hash = RunFormat.keyHash(key)
                #expect(try section.get(key, keyHash: hash, .blocking).found == nil)
            }
        }
    }

    @Test(arguments: cases)
    func `a scan of any range in either direction is that part of the entries`(test: Case) throws {
        var (file, sections, maker) = try section(test)
        for (ordinal, entries) in sections.enumerated() {
            let section = file.section(ordinal)
            let isLarge = entries.count > 10_000 || test.largestValue > 10_000
            for round in 0..<(isLarge ? 6 : 60) {
                let range = round == 0 ? .all : maker.range(entries)
                let inside = entries.filter { range.contains($0.key) }
                let mode: ReadMode = round.isMultiple(of: 2) ? .blocking : .sequential
                let up = try section.entries(range, .ascending, mode)
                #expect(up == inside)
                let down = try section.entries(range, .descending, mode)
                #expect(down == inside.reversed())
            }
        }
    }

    @Test(arguments: cases)
    func `the summary says what the section holds`(test: Case) throws {
        let (file, sections, _) = try section(test)
        #expect(try file.sections(.blocking).count == sections.count)
        for (ordinal, entries) in sections.enumerated() {
            let summary = try file.section(ordinal).summary(.blocking)
            #expect(summary.entryCount == entries.count)
            #expect(summary.tombstoneCount == entries.count { $0.value == nil })
            #expect(
                summary.rawBytes
                    == entries.reduce(0) { $0 + $1.key.count + ($1.value?.count ?? 0) }
            )
            #expect(summary.firstKey == entries.first?.key)
            #expect(summary.lastKey == entries.last?.key)
            #expect(summary.origin.newest == LogPosition(200))
        }
    }

    @Test(arguments: cases)
    func `estimates of neighbouring ranges add up, and a middle key halves`(test: Case) throws {
        var (file, sections, maker) = try section(test)
        for (ordinal, entries) in sections.enumerated() {
            let section = file.section(ordinal)
            let whole = try section.estimatedBytes(in: .all, .blocking)
            #expect(whole == (try section.summary(.blocking)).fileRange.count)
            for _ in 0..<20 {
                let cut = maker.bound(entries)
                let left = EntryRange(lower: [], upper: cut)
                let right = EntryRange(lower: cut, upper: nil)
                let sum =
                    try section.estimatedBytes(in: left, .blocking)
                    + section.estimatedBytes(in: right, .blocking)
                #expect(sum == whole)
            }
            guard let middle = try section.middleKey(in: .all, .blocking) else {
                #expect(entries.count <= 1)
                continue
            }
            #expect(entries.contains { $0.key == middle })
            #expect(middle != entries.first?.key)
            guard test.largestValue < 1000, entries.count > 1000 else { continue }
            let left = EntryRange(lower: [], upper: middle)
            let share = try section.estimatedBytes(in: left, .blocking)
            #expect(share > whole / 3 && share < whole * 2 / 3)
        }
    }
}
