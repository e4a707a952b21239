import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Merges against a dictionary into which the sources are written, oldest first.
@Suite struct MergeCursorTests {
    /// A cursor over an array.
    final class ArrayCursor: EntryCursor {
        private let entries: [TestEntry]
        private let direction: ScanDirection
        private var index = 0
        private var keyHere = KeyBuffer()
        private var valueHere = KeyBuffer()

        init(_ entries: [TestEntry], _ direction: ScanDirection) {
            self.entries = direction == .ascending ? entries : entries.reversed()
            self.direction = direction
            settle()
        }

        var isAtEnd: Bool { index == entries.count }
        var lentKey: LentBytes { keyHere.lent }
        var lentValue: LentBytes { valueHere.lent }
        var isTombstone: Bool { entries[index].value == nil }
        func advance() throws(EngineError) {
            index += 1
            settle()
        }
        func seek(_ key: [UInt8]) throws(EngineError) {
            index =
                entries.firstIndex {
                    let order = KeyOrder.compare($0.key, key)
                    return direction == .ascending ? order >= 0 : order <= 0
                } ?? entries.count
            settle()
        }

        private func settle() {
            guard !isAtEnd else { return }
            let entry = entries[index]
            entry.key.withLentBytes { keyHere.replace(from: 0, with: $0) }
            (entry.value ?? []).withLentBytes { valueHere.replace(from: 0, with: $0) }
        }
    }

    /// Sources that share many keys, the newest first.
    private func sources(_ seed: Int, count: Int) -> ([[TestEntry]], EntryMaker) {
        var maker = EntryMaker(seed: seed)
        let pool = maker.entries(200, largestValue: 5)
        let sources = (0..<count).map { age in
            pool.filter { _ in Int.random(in: 0..<3, using: &maker.generator) == 0 }
                .map { entry in
                    let isTombstone = Int.random(in: 0..<4, using: &maker.generator) == 0
                    return TestEntry(entry.key, isTombstone ? nil : [UInt8(age)])
                }
        }
        return (sources, maker)
    }

    private func expected(_ sources: [[TestEntry]], hidesTombstones: Bool) -> [TestEntry] {
        var merged: [[UInt8]: [UInt8]?] = [:]
        for source in sources.reversed() {
            for entry in source { merged[entry.key] = .some(entry.value) }
        }
        return merged.map { TestEntry($0.key, $0.value) }
            .filter { !hidesTombstones || $0.value != nil }
            .sorted { KeyOrder.isAscending($0.key, $1.key) }
    }

    @Test(arguments: 0..<12, [ScanDirection.ascending, .descending])
    func `the newest entry of each key is visited, in order`(
        count: Int,
        direction: ScanDirection
    ) throws {
        let (sources, _) = sources(count, count: count)
        for tombstones in [MergeCursor.Tombstones.visited, .hidden] {
            let cursors = sources.map { ArrayCursor($0, direction) }
            let merge = try MergeCursor(newestFirst: cursors, direction, tombstones)
            let wanted = expected(sources, hidesTombstones: tombstones == .hidden)
            let merged = try merge.rest()
            #expect(merged == (direction == .ascending ? wanted : wanted.reversed()))
        }
    }

    @Test(arguments: [ScanDirection.ascending, .descending])
    func `a seek goes to any key, forward and back`(direction: ScanDirection) throws {
        var (sources, maker) = sources(5, count: 5)
        let cursors = sources.map { ArrayCursor($0, direction) }
        let merge = try MergeCursor(newestFirst: cursors, direction, .hidden)
        let wanted = expected(sources, hidesTombstones: true)
        for _ in 0..<200 {
            let key = maker.bound(wanted)
            try merge.seek(key)
            let next =
                direction == .ascending
                ? wanted.first { !KeyOrder.isAscending($0.key, key) }
                : wanted.last { !KeyOrder.isAscending(key, $0.key) }
            #expect((merge.isAtEnd ? nil : merge.key) == next?.key)
            guard !merge.isAtEnd, Bool.random(using: &maker.generator) else { continue }
            try merge.advance()
        }
    }

    @Test(arguments: [ScanDirection.ascending, .descending])
    func `a sorted run of several files is one sequence`(direction: ScanDirection) throws {
        var maker = EntryMaker(seed: 3)
        let entries = maker.entries(600, largestValue: 40)
        let fixture = try RunFixture()
        let shape = RunFixture.shape(blockSize: 512)
        var sections: [RunSection] = []
        for part in 0..<6 {
            let slice = Array(entries[(part * 100)..<(part * 100 + 100)])
            let file = try fixture.make([slice], number: UInt64(part + 1), shape: shape)
            sections.append(file.section(0))
        }
        for round in 0..<40 {
            let range = round == 0 ? .all : maker.range(entries)
            let inside = entries.filter { range.contains($0.key) }
            let cursor = try SortedRunCursor(sections, range, direction, .blocking)
            #expect(
                try cursor.rest() == (direction == .ascending ? inside : inside.reversed())
            )
            let key = maker.bound(entries)
            try cursor.seek(key)
            let next =
                direction == .ascending
                ? inside.first { !KeyOrder.isAscending($0.key, key) }
                : inside.last { !KeyOrder.isAscending(key, $0.key) }
            #expect((cursor.isAtEnd ? nil : cursor.key) == next?.key)
        }
    }
}
