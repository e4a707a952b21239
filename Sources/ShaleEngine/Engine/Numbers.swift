internal import Synchronization

/// Draws the numbers that are never reused.
///
/// What was drawn becomes durable with the next manifest edit that uses it; a number drawn and not
/// used may be drawn again after a crash.
final class Numbers: Sendable {
    private let next: Mutex<NextNumbers>

    init(_ next: NextNumbers) { self.next = Mutex(next) }

    /// The next of each.
    var current: NextNumbers { next.withLock { $0 } }

    /// For the manifest group that uses what was drawn.
    var edit: ManifestEdit { .nextNumbers(next.withLock { $0 }) }

    func file() -> FileNumber {
        next.withLock { next in
            defer { next.file = FileNumber(next.file.rawValue + 1) }
            return next.file
        }
    }

    func table() -> TableID {
        next.withLock { next in
            defer { next.table = TableID(next.table.rawValue + 1) }
            return next.table
        }
    }

    /// Tables made from now on have at least this number.
    func reserve(tablesBefore table: TableID) {
        next.withLock { $0.table = max($0.table, table) }
    }

    func partition() -> PartitionID {
        next.withLock { next in
            defer { next.partition = PartitionID(next.partition.rawValue + 1) }
            return next.partition
        }
    }

    func run() -> RunID {
        next.withLock { next in
            defer { next.run = RunID(next.run.rawValue + 1) }
            return next.run
        }
    }

    func segment() -> SegmentNumber {
        next.withLock { next in
            defer { next.segment = next.segment.next }
            return next.segment
        }
    }
}
