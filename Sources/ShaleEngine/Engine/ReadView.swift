package import ShaleBytes

/// The database at one position of the log.
///
/// Lives only inside the closure that it is handed to.
public struct ReadView {
    let map: Unretained<PartitionMap>
    /// Writes before this position are seen; in the body of an `update` it is the end of all time.
    public let position: LogPosition
    let mode: ReadMode
    /// Notes what an owner of keys has read beyond what is visible.
    let tracker: NewestRead?

    /// The value of a key, or nil.
    ///
    /// - Complexity: memtable, then of each sorted run one filter, and one block where that has the key.
    /// - Throws: `.noSuchTable`, `.corrupted` if a block that is needed is damaged, `.inputOutput`.
    public func get(_ table: TableID, _ key: EntryKey) throws(EngineError) -> [UInt8]? {
        try key.bytes.withLentBytes { key throws(EngineError) in
            try withLentValue(table, key) { $0.copied() }
        }
    }

    /// Lends the value of a key without copying it; nil if there is none.
    public func withValue<Answer>(
        _ table: TableID,
        _ key: EntryKey,
        _ body: (RawSpan) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer? {
        try key.bytes.withLentBytes { key throws(EngineError) in
            try withLentValue(table, key) { value throws(EngineError) in try body(value.span) }
        }
    }

    @inline(__always)
    func withLentValue<Answer>(
        _ table: TableID,
        _ key: LentBytes,
        _ body: (LentBytes) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer? {
        switch try find(table, key) {
        case .memory(let value): try body(value)
        case .block(let value):
            // A value that no cache keeps is this reader's own.
            try withExtendedLifetime(value) { () throws(EngineError) in try body(value.lent) }
        case .absent: nil
        }
    }

    /// Visits copies of the entries of a range in the order of their stored key bytes, or in reverse,
    /// until `visit` answers `.stop`.
    public func scan(
        _ table: TableID,
        _ range: EntryRange,
        _ direction: ScanDirection = .ascending,
        _ visit: (_ key: [UInt8], _ value: [UInt8]) throws(EngineError) -> ScanStep
    ) throws(EngineError) {
        try scanLent(table, range, direction) { key, value throws(EngineError) in
            try visit(key.copied(), value.copied())
        }
    }

    /// As `scan`, with keys and values lent for the duration of each call of `visit`: nothing is copied.
    public func scanSpans(
        _ table: TableID,
        _ range: EntryRange,
        _ direction: ScanDirection = .ascending,
        _ visit: (_ key: RawSpan, _ value: RawSpan) throws(EngineError) -> ScanStep
    ) throws(EngineError) {
        try scanLent(table, range, direction) { key, value throws(EngineError) in
            try visit(key.span, value.span)
        }
    }

    /// As above, for the layers of this package.
    package func scanLent(
        _ table: TableID,
        _ range: EntryRange,
        _ direction: ScanDirection = .ascending,
        _ visit: (_ key: LentBytes, _ value: LentBytes) throws(EngineError) -> ScanStep
    ) throws(EngineError) {
        try range.withBounds(direction) { bounds throws(EngineError) in
            try scan(table, bounds, visit)
        }
    }

    private enum Found {
        case memory(LentBytes)
        case block(EntryValue)
        case absent
    }

    @inline(__always)
    private func find(
        _ table: TableID,
        _ lent: LentBytes
    ) throws(EngineError) -> Found {
        let hash = RunFormat.keyHash(lent.span)
        let found = try map.with { map throws(EngineError) in
            try map.withPartition(table, lent) { partition throws(EngineError) -> Found in
                if let hit = partition.findInMemory(lent, keyHash: hash, before: position) {
                    tracker?.note(hit.position)
                    return hit.isTombstone ? .absent : .memory(hit.value)
                }
                switch try partition.findInRuns(lent, keyHash: hash, mode) {
                case .value(let value): return .block(value)
                case .tombstone, .absent: return .absent
                case .blob: preconditionFailure("a run follows references")
                }
            }
        }
        guard let found else { throw noSuchTable(table) }
        return found
    }

    func noSuchTable(_ table: TableID) -> EngineError {
        EngineError(.noSuchTable, "there is no \(table): it was never created, or it was dropped")
    }
}
