internal import ShaleBytes

/// A cursor over a sorted run: sections that do not overlap, one after the other.
///
/// Opens a section only when it gets there, and lets go of the one before.
final class SortedRunCursor: EntryCursor {
    private let sections: [RunSection]
    private let range: EntryRange
    private let direction: ScanDirection
    private let mode: ReadMode
    /// The section that `current` visits.
    private var ordinal: Int
    private var current: RunCursor?

    /// A cursor at the first entry of `range` in this direction.
    ///
    /// `sections` ascend and do not overlap; those without a key in the range had better be left
    /// out, since each is opened.
    init(
        _ sections: [RunSection],
        _ range: EntryRange,
        _ direction: ScanDirection,
        _ mode: ReadMode
    ) throws(EngineError) {
        self.sections = sections
        self.range = range
        self.direction = direction
        self.mode = mode
        ordinal = direction == .ascending ? -1 : sections.count
        try settle()
    }

    private var here: RunCursor {
        guard let current else { preconditionFailure("there is an entry here") }
        return current
    }

    var isAtEnd: Bool { current == nil }
    var lentKey: LentBytes { here.lentKey }
    var lentValue: LentBytes { here.lentValue }
    var isTombstone: Bool { here.isTombstone }
    var blobs: RunBlobs? { here.blobs }

    func advance() throws(EngineError) {
        try here.advance()
        try settle()
    }

    func seek(_ key: [UInt8]) throws(EngineError) {
        current = nil
        ordinal = direction == .ascending ? -1 : sections.count
        while let next = nextOrdinal {
            ordinal = next
            let summary = try sections[next].summary(mode)
            let isPassed =
                direction == .ascending
                ? KeyOrder.isAscending(summary.lastKey, key)
                : KeyOrder.isAscending(key, summary.firstKey)
            guard !isPassed else { continue }
            let cursor = try sections[next].cursor(range, direction, mode)
            try cursor.seek(key)
            current = cursor
            return try settle()
        }
    }

    private var nextOrdinal: Int? {
        let next = direction == .ascending ? ordinal + 1 : ordinal - 1
        return sections.indices.contains(next) ? next : nil
    }

    /// Goes on to the next section with an entry, where the current one has no more.
    private func settle() throws(EngineError) {
        while current?.isAtEnd ?? true {
            current = nil
            guard let next = nextOrdinal else { return }
            ordinal = next
            current = try sections[next].cursor(range, direction, mode)
        }
    }
}
