internal import ShaleBytes

/// Goes through the entries of a sealed memtable in ascending order, for a flush; copies nothing.
struct MemtableStream: ~Copyable, EntrySource {
    /// Keeps what is lent alive.
    private let memtable: Memtable
    private let cursor: MemtableCursor
    private(set) var key = LentBytes()
    private(set) var value = LentBytes()
    private(set) var kind = EntryKind.value

    /// At the first entry of `range` with a version before `position`.
    init(
        _ memtable: Memtable,
        _ range: EntryRange,
        before position: LogPosition
    ) {
        self.memtable = memtable
        cursor = MemtableCursor(memtable, range, .ascending, before: position, nil)
        load()
    }

    var isAtEnd: Bool { cursor.isAtEnd }

    mutating func advance() throws(EngineError) {
        try cursor.advance()
        load()
    }

    private mutating func load() {
        guard !cursor.isAtEnd else { return }
        key = cursor.lentKey
        value = cursor.lentValue
        kind = cursor.isTombstone ? .tombstone : .value
    }
}
