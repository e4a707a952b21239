/// Visits the entries of a memtable as they were visible at a position.
///
/// It holds no lock between calls: entries are copied in small pages (their bytes are shared, not
/// copied), and the next page begins behind the last key. What is added behind the cursor's position
/// in the log is not seen.
final class MemtableCursor: EntryCursor {
    private static let pageLimit = 64

    private let memtable: Memtable
    private let range: EntryRange
    private let direction: ScanDirection
    private let position: LogPosition
    private let tracker: NewestRead?
    private var page: [Memtable.Visible] = []
    private var index = 0
    private var isLastPage = false

    init(
        _ memtable: Memtable,
        _ range: EntryRange,
        _ direction: ScanDirection,
        before position: LogPosition,
        _ tracker: NewestRead?
    ) {
        self.memtable = memtable
        self.range = range
        self.direction = direction
        self.position = position
        self.tracker = tracker
        // Most ranges are small: the first page is as well.
        load(range, limit: 16)
    }

    var isAtEnd: Bool { index >= page.count }
    var key: [UInt8] { page[index].key }
    var isTombstone: Bool { page[index].value == nil }

    func withValue(_ body: (RawSpan) throws(EngineError) -> Void) throws(EngineError) {
        guard let value = page[index].value else { return try body(RawSpan()) }
        // Safety: every bit pattern of a byte is a byte.
        try unsafe body(value.span.bytes)
    }

    func advance() throws(EngineError) {
        index += 1
        guard index == page.count, !isLastPage, let last = page.last else { return }
        load(rest(behind: last.key), limit: Self.pageLimit)
    }

    func seek(_ key: [UInt8]) throws(EngineError) {
        switch direction {
        case .ascending:
            let lower = KeyOrder.isAscending(key, range.lower) ? range.lower : key
            load(EntryRange(lower: lower, upper: range.upper), limit: Self.pageLimit)
        case .descending:
            load(range.before(key + [0]), limit: Self.pageLimit)
        }
    }

    private func rest(behind key: [UInt8]) -> EntryRange {
        switch direction {
        case .ascending: EntryRange(lower: key + [0], upper: range.upper)
        case .descending: EntryRange(lower: range.lower, upper: key)
        }
    }

    private func load(_ range: EntryRange, limit: Int) {
        page = memtable.page(range, direction, before: position, limit: limit)
        index = 0
        isLastPage = page.count < limit
        if let tracker { for entry in page { tracker.note(entry.position) } }
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
