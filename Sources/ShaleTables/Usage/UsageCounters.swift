internal import ShaleCapacity
internal import Synchronization

/// What requests to a table and to its global indexes have used since the database was opened.
///
/// A request adds to one word; nothing is allocated and nothing waits where there are no indexes.
final class UsageCounters: Sendable {
    private let table = ResourceCounters()
    /// By the names of indexes, which come and go.
    private let indexes = Mutex<[String: ResourceCounters]>([:])

    enum Direction { case read, write }

    /// Counts what a request cost of the table itself.
    @inline(__always)
    func add(_ direction: Direction, _ units: CapacityUnits) { table.add(direction, units.halves) }

    /// Counts what a request cost of the table and its indexes; local ones are the table's.
    func add(_ direction: Direction, _ consumed: ConsumedCapacity) {
        let local = consumed.localIndexes.values.reduce(.zero, +)
        table.add(direction, (consumed.table + local).halves)
        guard !consumed.globalIndexes.isEmpty else { return }
        indexes.withLock { indexes in
            for (name, units) in consumed.globalIndexes {
                let counters = indexes[name] ?? ResourceCounters()
                indexes[name] = counters
                counters.add(direction, units.halves)
            }
        }
    }

    /// Counts one read of the table's stream.
    func addStreamRead() { table.streamReads.add(1, ordering: .relaxed) }

    /// Counts an item that the cache had.
    @inline(__always)
    func addCacheHit() { table.cacheHits.add(1, ordering: .relaxed) }

    /// All that was counted: of the table, and of each index that was used.
    func counted() -> (table: Counted, indexes: [String: Counted]) {
        (table.counted, indexes.withLock { $0.mapValues(\.counted) })
    }

    /// Forgets an index that is gone; answers what it used, nil where that is nothing.
    ///
    /// An index that is made again under its name counts from nothing. So does a read that was under way: it is told with that one.
    func retire(index name: String) -> Counted? {
        indexes.withLock { $0.removeValue(forKey: name) }?.counted
    }

    /// What one life of a table or an index has used.
    struct Counted {
        var life: UsageLife
        var count: UsageCount
    }
}

/// Which table or index of a name it is that was counted: no two in a program are the same.
package struct UsageLife: Sendable, Hashable {
    private static let last = Atomic<Int>(0)
    private let number = Self.last.wrappingAdd(1, ordering: .relaxed).newValue

    /// A new one.
    package init() {}
}

/// The words of one table or index.
private final class ResourceCounters: Sendable {
    let life = UsageLife()
    let readHalves = Atomic<Int>(0)
    let writeHalves = Atomic<Int>(0)
    let streamReads = Atomic<Int>(0)
    let cacheHits = Atomic<Int>(0)

    @inline(__always)
    func add(_ direction: UsageCounters.Direction, _ halves: Int) {
        switch direction {
        case .read: readHalves.add(halves, ordering: .relaxed)
        case .write: writeHalves.add(halves, ordering: .relaxed)
        }
    }

    var counted: UsageCounters.Counted {
        let count = UsageCount(
            readHalves: readHalves.load(ordering: .relaxed),
            writeHalves: writeHalves.load(ordering: .relaxed),
            streamReads: streamReads.load(ordering: .relaxed),
            cacheHits: cacheHits.load(ordering: .relaxed)
        )
        return UsageCounters.Counted(life: life, count: count)
    }
}

/// What was used of a table or an index.
package struct UsageCount: Sendable, Equatable {
    /// Read units, in halves.
    package var readHalves: Int
    /// Write units, in halves.
    package var writeHalves: Int
    /// Calls that read the table's stream.
    package var streamReads: Int
    /// Items that the cache had.
    package var cacheHits: Int

    /// Nothing, unless said.
    package init(
        readHalves: Int = 0,
        writeHalves: Int = 0,
        streamReads: Int = 0,
        cacheHits: Int = 0
    ) {
        self.readHalves = readHalves
        self.writeHalves = writeHalves
        self.streamReads = streamReads
        self.cacheHits = cacheHits
    }

    /// The sum.
    package static func + (left: UsageCount, right: UsageCount) -> UsageCount {
        UsageCount(
            readHalves: left.readHalves + right.readHalves,
            writeHalves: left.writeHalves + right.writeHalves,
            streamReads: left.streamReads + right.streamReads,
            cacheHits: left.cacheHits + right.cacheHits
        )
    }

    /// The difference.
    package static func - (left: UsageCount, right: UsageCount) -> UsageCount {
        UsageCount(
            readHalves: left.readHalves - right.readHalves,
            writeHalves: left.writeHalves - right.writeHalves,
            streamReads: left.streamReads - right.streamReads,
            cacheHits: left.cacheHits - right.cacheHits
        )
    }
}
