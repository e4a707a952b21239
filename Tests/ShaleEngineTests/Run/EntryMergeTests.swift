import ShaleBytes
import Testing

@testable import ShaleEngine

/// Merges against a dictionary into which the sources are written, oldest first.
struct EntryMergeTests {
    /// Entries of an array.
    struct ArraySource: ~Copyable, EntrySource {
        private let entries: [TestEntry]
        private var index = 0
        private var bytes = ByteBuffer()

        init(_ entries: [TestEntry]) {
            self.entries = entries
            load()
        }

        private var keySize: Int { entries[index].key.count }
        var isAtEnd: Bool { index == entries.count }
        var key: LentBytes { bytes.lent(0..<keySize) }
        var value: LentBytes { bytes.lent(keySize..<bytes.count) }
        var kind: EntryKind { entries[index].value == nil ? .tombstone : .value }

        mutating func advance() throws(EngineError) {
            index += 1
            load()
        }

        private mutating func load() {
            bytes.removeAll()
            guard !isAtEnd else { return }
            bytes.append(entries[index].key)
            bytes.append(entries[index].value ?? [])
        }
    }

    private func sources(_ seed: Int, count: Int) -> [[TestEntry]] {
        var maker = EntryMaker(seed: seed)
        let pool = maker.entries(200, largestValue: 5)
        return (0..<count).map { age in
            pool.filter { _ in Int.random(in: 0..<3, using: &maker.generator) == 0 }
                .map { entry in
                    let isTombstone = Int.random(in: 0..<4, using: &maker.generator) == 0
                    return TestEntry(entry.key, isTombstone ? nil : [UInt8(age)])
                }
        }
    }

    @Test(arguments: 0..<40, [ScanDirection.ascending, .descending])
    func `of each key the newest source's entry is visited, in order`(
        seed: Int,
        direction: ScanDirection
    ) throws {
        let sources = sources(seed, count: seed % 13)
        var expected: [[UInt8]: [UInt8]?] = [:]
        for source in sources.reversed() {
            for entry in source { expected[entry.key] = .some(entry.value) }
        }
        var list = OwnedList<ArraySource>(capacity: sources.count)
        for source in sources {
            list.append(ArraySource(direction == .ascending ? source : source.reversed()))
        }
        var merge = EntryMerge(newestFirst: list, direction)
        let found = try merge.rest()
        let sorted = expected.map { TestEntry($0.key, $0.value) }
            .sorted { KeyOrder.isAscending($0.key, $1.key) }
        #expect(found == (direction == .ascending ? sorted : sorted.reversed()))
    }
}
