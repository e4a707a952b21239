internal import ShaleBytes

/// Goes through the entries of a sealed memtable in ascending order, for a flush; copies nothing.
struct MemtableStream: ~Copyable, EntrySource {
    /// Keep what is lent alive.
    private let memtable: Memtable
    private let bounds: OwnedBounds
    private var scan: MemtableScan

    /// At the first entry of `range` with a version before `position`.
    init(
        _ memtable: Memtable,
        _ range: EntryRange,
        before position: LogPosition
    ) {
        let bounds = OwnedBounds(lower: range.lower, upper: range.upper)
        scan = MemtableScan(
            Unretained(memtable.table),
            bounds.lent(.ascending),
            before: position,
            nil
        )
        self.memtable = memtable
        self.bounds = bounds
    }

    var isAtEnd: Bool { scan.isAtEnd }
    var key: LentBytes { scan.key }
    var value: LentBytes { scan.value }
    var kind: EntryKind { scan.kind }

    mutating func advance() throws(EngineError) { try scan.advance() }
}
