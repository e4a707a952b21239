/// Visits a range of a sorted run: its pieces one after another.
final class RunRangeCursor: EntryCursor {
    private let sections: [RunSection]
    private let range: EntryRange
    private let direction: ScanDirection
    private let mode: ReadMode
    private var next = 0
    private var current: RunCursor?

    /// A cursor at the first entry of `range` in this direction; pieces are opened when they are reached.
    init(
        _ run: Run,
        _ range: EntryRange,
        _ direction: ScanDirection,
        _ mode: ReadMode
    ) throws(EngineError) {
        self.range = run.clip(range)
        self.direction = direction
        self.mode = mode
        let sections = run.sections(in: self.range)
        self.sections = direction == .ascending ? sections : sections.reversed()
        try settle()
    }

    var isAtEnd: Bool { current == nil }
    var key: [UInt8] { cursor.key }
    var isTombstone: Bool { cursor.isTombstone }

    func withValue(_ body: (RawSpan) throws(EngineError) -> Void) throws(EngineError) {
        try cursor.withValue(body)
    }

    func advance() throws(EngineError) {
        try cursor.advance()
        if cursor.isAtEnd { try settle() }
    }

    func seek(_ key: [UInt8]) throws(EngineError) {
        next = 0
        current = nil
        while next < sections.count {
            let cursor = try sections[next].cursor(range, direction, mode)
            next += 1
            try cursor.seek(key)
            if !cursor.isAtEnd {
                current = cursor
                return
            }
        }
    }

    private var cursor: RunCursor {
        guard let current else { preconditionFailure("there is an entry here") }
        return current
    }

    private func settle() throws(EngineError) {
        current = nil
        while current == nil, next < sections.count {
            let cursor = try sections[next].cursor(range, direction, mode)
            next += 1
            if !cursor.isAtEnd { current = cursor }
        }
    }
}
