internal import ShaleBytes

/// Visits the entries of a memtable between bounds as they were visible at a position.
///
/// It holds no lock between steps and copies nothing: what it lends is valid as long as the memtable
/// lives and the caller holds a view that is not newer than the position. What is added behind it in the
/// log is not seen.
struct MemtableScan: ~Copyable, EntrySource {
    private var cursor: EntryTableCursor
    private let tracker: NewestRead?
    private(set) var value = LentBytes()
    private(set) var kind = EntryKind.value

    /// At the first entry between `bounds` in their direction with a version before `position`.
    init(
        _ table: Unretained<EntryTable>,
        _ bounds: ScanBounds,
        before position: LogPosition,
        _ tracker: NewestRead?
    ) {
        self.tracker = tracker
        cursor = EntryTableCursor(
            table,
            lower: bounds.lower,
            upper: bounds.upper,
            isAscending: bounds.direction == .ascending,
            before: position.rawValue
        )
        load()
    }

    var isAtEnd: Bool { cursor.isAtEnd }
    var key: LentBytes { cursor.key }

    mutating func advance() throws(EngineError) {
        cursor.advance()
        load()
    }

    private mutating func load() {
        guard !cursor.isAtEnd else { return }
        let version = cursor.found
        value = version.value
        kind = version.isTombstone ? .tombstone : .value
        tracker?.note(LogPosition(version.position))
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
