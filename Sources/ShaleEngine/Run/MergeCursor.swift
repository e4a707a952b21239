internal import ShaleBytes

/// Merges several cursors of one direction into one: of entries with the same key the one of the
/// newest source is visited and the others are passed over.
///
/// A binary heap of sources. The first eight bytes of each key are kept beside it as a number: they are
/// a hash, so most comparisons end there, without a call to the source.
final class MergeCursor: EntryCursor {
    /// What becomes of tombstones.
    enum Tombstones: Sendable {
        /// They are entries: for a merge that older runs lie below.
        case visited
        /// They hide older entries and are not seen themselves: for reads, and for the oldest merge.
        case hidden
    }

    private struct Source {
        let cursor: any EntryCursor
        /// The newest source is 0.
        let age: Int
        /// The first eight bytes of the key; in descending order their complement.
        var digest: UInt64 = 0
    }

    private let direction: ScanDirection
    private let tombstones: Tombstones
    /// Sources that are at their end, so that `seek` can bring them back.
    private var ended: [Source] = []
    /// A heap: the source with the next entry is at 0.
    private var heap: [Source] = []
    /// The key of the last visited entry, while the sources go on behind it.
    private var passed = KeyBuffer()

    /// Merges `sources`, the newest first, which all go in this direction.
    init(
        newestFirst sources: [any EntryCursor],
        _ direction: ScanDirection,
        _ tombstones: Tombstones
    ) throws(EngineError) {
        self.direction = direction
        self.tombstones = tombstones
        heap.reserveCapacity(sources.count)
        ended = sources.enumerated().map { Source(cursor: $1, age: $0) }
        rebuild()
        try skipHidden()
    }

    private var here: any EntryCursor {
        precondition(!heap.isEmpty, "there is an entry here")
        return heap[0].cursor
    }

    var isAtEnd: Bool { heap.isEmpty }
    var lentKey: LentBytes { here.lentKey }
    var lentValue: LentBytes { here.lentValue }
    var isTombstone: Bool { here.isTombstone }
    var blobs: RunBlobs? { here.blobs }

    func advance() throws(EngineError) {
        try passKey()
        try skipHidden()
    }

    func seek(_ key: [UInt8]) throws(EngineError) {
        for source in heap { try source.cursor.seek(key) }
        for source in ended { try source.cursor.seek(key) }
        ended.append(contentsOf: heap)
        heap.removeAll(keepingCapacity: true)
        rebuild()
        try skipHidden()
    }

    private func skipHidden() throws(EngineError) {
        guard tombstones == .hidden else { return }
        while !heap.isEmpty, heap[0].cursor.isTombstone { try passKey() }
    }

    /// Moves all sources behind the key here.
    private func passKey() throws(EngineError) {
        guard heap.count > 1 else { return try advanceFirst() }
        passed.replace(from: 0, with: here.lentKey)
        let digest = heap[0].digest
        repeat {
            try advanceFirst()
        } while !heap.isEmpty && heap[0].digest == digest
            && LentBytes.areEqual(heap[0].cursor.lentKey, passed.lent)
    }

    private func advanceFirst() throws(EngineError) {
        try heap[0].cursor.advance()
        if heap[0].cursor.isAtEnd {
            ended.append(heap[0])
            let last = heap.removeLast()
            guard !heap.isEmpty else { return }
            heap[0] = last
        } else {
            heap[0].digest = digest(of: heap[0].cursor)
        }
        siftDown(from: 0)
    }

    /// Makes the heap anew from the sources in `ended`.
    private func rebuild() {
        let sources = ended
        ended.removeAll(keepingCapacity: true)
        for var source in sources {
            guard !source.cursor.isAtEnd else {
                ended.append(source)
                continue
            }
            source.digest = digest(of: source.cursor)
            heap.append(source)
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
    }

    private func digest(of cursor: any EntryCursor) -> UInt64 {
        let digest = cursor.lentKey.digest(from: 0)
        return direction == .ascending ? digest : ~digest
    }

    private func siftDown(from start: Int) {
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
    private func isBefore(_ left: Source, _ right: Source) -> Bool {
        guard left.digest == right.digest else { return left.digest < right.digest }
        let order = LentBytes.compare(left.cursor.lentKey, right.cursor.lentKey)
        guard order != 0 else { return left.age < right.age }
        return (order < 0) == (direction == .ascending)
    }
}
