internal import ShaleBytes

/// Visits the entries of a memtable as they were visible at a position.
///
/// It holds no lock between calls and copies nothing: what it lends is valid as long as the memtable
/// lives and the caller holds a view that is not newer than the position. What is added behind the
/// cursor's position in the log is not seen.
final class MemtableCursor: EntryCursor {
    private let cursor: EntryTableCursor
    private let range: EntryRange
    private let tracker: NewestRead?

    init(
        _ memtable: Memtable,
        _ range: EntryRange,
        _ direction: ScanDirection,
        before position: LogPosition,
        _ tracker: NewestRead?
    ) {
        self.range = range
        self.tracker = tracker
        cursor = EntryTableCursor(
            memtable.table,
            lower: range.lower,
            upper: range.upper,
            isAscending: direction == .ascending,
            before: position.rawValue
        )
        didMove()
    }

    var isAtEnd: Bool { cursor.isAtEnd }
    var isTombstone: Bool { cursor.found.isTombstone }

    /// The key here, lent.
    var lentKey: LentBytes { cursor.key }
    /// The value here, lent; of a tombstone no bytes.
    var lentValue: LentBytes { cursor.found.value }
    /// Where the version here was written.
    var position: LogPosition { LogPosition(cursor.found.position) }

    func advance() throws(EngineError) {
        cursor.advance()
        didMove()
    }

    func seek(_ key: [UInt8]) throws(EngineError) {
        cursor.seek(key)
        didMove()
    }

    private func didMove() {
        if let tracker, !isAtEnd { tracker.note(position) }
    }
}

/// The newest position that an owner of keys has read, visible or not: its answer waits until that
/// is visible.
final class NewestRead {
    /// Behind the newest version read; zero if none was.
    private(set) var end = LogPosition.zero

    /// A version at `position` was read.
    func note(_ position: LogPosition) { end = max(end, position.advanced(by: 1)) }
}
