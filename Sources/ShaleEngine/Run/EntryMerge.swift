internal import ShaleBytes

/// Merges sources of one direction: of entries with the same key the one of the newest source is
/// visited and the others are passed over.
///
/// A binary heap of numbers: the first eight bytes of each key, a hash, stand beside its source's index, so
/// that most comparisons touch no key. The next best of all is a child of the root, which is how entries
/// of the same key are found without a copy of it.
struct EntryMerge<Source: EntrySource & ~Copyable>: ~Copyable, EntrySource {
    private struct Head {
        /// The first eight bytes of the key; in descending order their complement.
        var digest: UInt64
        /// The newest source is 0.
        var source: Int
    }

    private let isAscending: Bool
    private var sources: OwnedList<Source>
    private var heap: [Head] = []

    /// Merges `sources`, the newest first, which all go in this direction.
    init(
        newestFirst sources: consuming OwnedList<Source>,
        _ direction: ScanDirection = .ascending
    ) {
        isAscending = direction == .ascending
        self.sources = sources
        heap.reserveCapacity(self.sources.count)
        for index in 0..<self.sources.count where !self.sources[index].isAtEnd {
            heap.append(Head(digest: digest(index), source: index))
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
    }

    var isAtEnd: Bool { heap.isEmpty }
    var key: LentBytes { sources[heap[0].source].key }
    var value: LentBytes { sources[heap[0].source].value }
    var kind: EntryKind { sources[heap[0].source].kind }
    var blobs: RunBlobs? { sources[heap[0].source].blobs }
    var warmth: Int? { sources[heap[0].source].warmth }

    /// Goes to the next key.
    mutating func advance() throws(EngineError) {
        while let other = nextBest, heap[other].digest == heap[0].digest,
            LentBytes.areEqual(key, sources[heap[other].source].key)
        {
            try moveOn(other)
        }
        try moveOn(0)
    }

    private func digest(_ source: Int) -> UInt64 {
        let digest = sources[source].key.digest(from: 0)
        return isAscending ? digest : ~digest
    }

    /// The better child of the root.
    private var nextBest: Int? {
        guard heap.count > 1 else { return nil }
        return heap.count > 2 && isBefore(heap[2], heap[1]) ? 2 : 1
    }

    private mutating func moveOn(_ index: Int) throws(EngineError) {
        let source = heap[index].source
        try sources[source].advance()
        if sources[source].isAtEnd {
            let last = heap.removeLast()
            guard index < heap.count else { return }
            heap[index] = last
        } else {
            heap[index].digest = digest(source)
        }
        siftDown(from: index)
    }

    private mutating func siftDown(from start: Int) {
        var index = start
        while true {
            var first = 2 * index + 1
            guard first < heap.count else { return }
            if first + 1 < heap.count, isBefore(heap[first + 1], heap[first]) { first += 1 }
            guard isBefore(heap[first], heap[index]) else { return }
            heap.swapAt(first, index)
            index = first
        }
    }

    /// Whether `left` is visited before `right`: by key, then the newer one.
    private func isBefore(_ left: Head, _ right: Head) -> Bool {
        guard left.digest == right.digest else { return left.digest < right.digest }
        let order = LentBytes.compare(sources[left.source].key, sources[right.source].key)
        return order == 0 ? left.source < right.source : (order < 0) == isAscending
    }
}

extension EntryMerge: Sendable where Source: Sendable & ~Copyable {}
