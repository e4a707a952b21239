internal import ShaleBytes

/// Goes through the entries of a sealed memtable in ascending order, for a flush.
struct MemtableStream: ~Copyable, EntrySource {
    private let cursor: MemtableCursor
    private var keyBytes = ByteBuffer()
    private var valueBytes = ByteBuffer()
    private(set) var kind = EntryKind.value

    /// At the first entry of `range` with a version before `position`.
    init(
        _ memtable: Memtable,
        _ range: EntryRange,
        before position: LogPosition
    ) throws(EngineError) {
        cursor = MemtableCursor(memtable, range, .ascending, before: position, nil)
        try load()
    }

    var isAtEnd: Bool { cursor.isAtEnd }
    var key: LentBytes { keyBytes.lent }
    var value: LentBytes { valueBytes.lent }

    mutating func advance() throws(EngineError) {
        try cursor.advance()
        try load()
    }

    private mutating func load() throws(EngineError) {
        guard !cursor.isAtEnd else { return }
        keyBytes.removeAll()
        keyBytes.append(cursor.key)
        valueBytes.removeAll()
        kind = cursor.isTombstone ? .tombstone : .value
        valueBytes.append(try cursor.copyValue())
    }
}
