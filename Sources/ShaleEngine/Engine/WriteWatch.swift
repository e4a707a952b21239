package import ShaleBytes
internal import Synchronization

/// Who is told of each write of some tables before any reader can see it: a cache above the engine.
///
/// The one place that all writes of a living database pass is `Engine.append`; it tells of each key between the
/// moment when the write has its position in the log and the moment when it can become visible. So whoever
/// keeps what was read cannot miss a write, whatever verb it comes from.
///
/// A write costs one load where nobody keeps anything of its table. A table is of interest from the first call of
/// `start` on, which answers with the position from which on nothing goes untold: the end of the last record
/// after interest was declared. A writer that did not see the interest had its place in the log before.
///
///     word of a table   0: of no interest. 1: interest is being declared. Otherwise the position plus 2
package final class WriteWatch: Sendable {
    /// Tables share words: at worst more is told than anybody wants to know.
    private static let wordCount = 1024

    private let words = AtomicColumn(count: WriteWatch.wordCount)
    private let tell: @Sendable (TableID, LentBytes, LogPosition) -> Void

    /// Tells `tell` of the table, the stored key, and the position from which on readers see the write.
    ///
    /// It is called on the writer's thread, and must return at once.
    package init(_ tell: @escaping @Sendable (TableID, LentBytes, LogPosition) -> Void) {
        self.tell = tell
    }

    private static func word(of table: TableID) -> Int {
        Int(truncatingIfNeeded: table.rawValue) & (wordCount - 1)
    }

    /// Tells of a write, if its table is of interest.
    @inline(__always)
    func note(_ table: TableID, _ key: LentBytes, visibleFrom end: LogPosition) {
        guard words.load(Self.word(of: table)) != 0 else { return }
        tell(table, key, end)
    }

    /// What is read of `table` from this position on may be kept: all later writes are told.
    ///
    /// The first call for a table declares the interest.
    /// - Returns: nil while another thread does.
    package func start(of table: TableID, in engine: Engine) -> LogPosition? {
        let word = Self.word(of: table)
        let state = words.load(word)
        if state > 1 { return LogPosition(state - 2) }
        guard words.exchange(word, from: 0, to: 1) else { return nil }
        let end = engine.readWriteLane?.lastEnd ?? engine.visible
        _ = words.exchange(word, from: 1, to: end.rawValue + 2)
        return end
    }
}

/// A cache above the engine that takes its memory from the block cache.
package enum CacheBorrower: Sendable {
    case items, pages
}

extension Engine {
    /// Takes memory away from the block cache, for a cache above the engine that takes it in its place.
    ///
    /// At least half of the block cache's share stays with it.
    package func lendCacheBytes(_ bytes: Int, to borrower: CacheBorrower) {
        let share = options.blockCacheBytes
        lentCacheBytes.withLock { lent in
            lent[borrower] = bytes
            let all = lent.values.reduce(0, +)
            runFiles.cache.setCapacity(max(share - all, share / 2))
        }
    }
}
