internal import ShaleBytes

/// All tables and partitions at one moment.
///
/// Never changes; a change makes a new map.
final class PartitionMap: Sendable {
    /// One table's partitions, ascending; together they cover all keys.
    struct TablePartitions: Sendable {
        var table: EngineTable
        var partitions: [PartitionView]

        /// The index of the partition that holds `key`.
        func index(of key: [UInt8]) -> Int {
            var low = 0
            var high = partitions.count
            while low < high {
                let middle = (low + high) / 2
                if KeyOrder.isAscending(key, partitions[middle].lower) {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            return max(0, low - 1)
        }
    }

    let tables: [TableID: TablePartitions]

    /// The same for readers: numbers of tables, ascending; the place of the first partition of each, and
    /// the end; of each partition the hash with which its range begins.
    private let ids: FixedColumn<UInt64>
    private let places: FixedColumn<Int>
    private let lowerHashes: FixedColumn<UInt64>
    private let views: UnretainedArray<PartitionView>

    init(_ tables: [TableID: TablePartitions]) {
        self.tables = tables
        let ascending = tables.sorted { $0.key < $1.key }
        var places = [0]
        for (_, table) in ascending { places.append((places.last ?? 0) + table.partitions.count) }
        let all = ascending.flatMap { $0.value.partitions }
        ids = FixedColumn(ascending.map { $0.key.rawValue })
        self.places = FixedColumn(places)
        lowerHashes = FixedColumn(all.map { EntryKey.hash(of: $0.lower) })
        views = UnretainedArray(all)
    }

    /// The partition of `table` that holds `key`; nil if there is no such table.
    func partition(_ table: TableID, _ key: [UInt8]) -> PartitionView? {
        guard let found = tables[table] else { return nil }
        return found.partitions[found.index(of: key)]
    }

    /// Whether there is this table.
    @inline(__always)
    func has(_ table: TableID) -> Bool {
        let index = ids.firstIndex(notBefore: table.rawValue, in: 0..<ids.count)
        return index < ids.count && ids[index] == table.rawValue
    }

    /// Lends the partition of `table` that holds `key`; nil if there is no such table.
    @inline(__always)
    func withPartition<Answer, Failure: Error>(
        _ table: TableID,
        _ key: LentBytes,
        _ body: (PartitionView) throws(Failure) -> Answer
    ) throws(Failure) -> Answer? {
        let index = ids.firstIndex(notBefore: table.rawValue, in: 0..<ids.count)
        guard index < ids.count, ids[index] == table.rawValue else { return nil }
        return try views.with(place(of: key, in: places[index]..<places[index + 1]), body)
    }

    /// The partitions of `table` that may have a part between `bounds`; nil if there is no such table.
    func places(_ table: TableID, _ bounds: ScanBounds) -> Range<Int>? {
        let index = ids.firstIndex(notBefore: table.rawValue, in: 0..<ids.count)
        guard index < ids.count, ids[index] == table.rawValue else { return nil }
        let all = places[index]..<places[index + 1]
        let first = place(of: bounds.lower, in: all)
        guard let upper = bounds.upper else { return first..<all.upperBound }
        return first..<max(first, place(of: upper, in: all) + 1)
    }

    /// Lends the partition at a place.
    @inline(__always)
    func withPartition<Answer>(
        _ place: Int,
        _ body: (PartitionView) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        try views.with(place, body)
    }

    /// The last partition in `range` that does not begin behind `key`.
    @inline(__always)
    private func place(of key: LentBytes, in range: Range<Int>) -> Int {
        guard range.count > 1 else { return range.lowerBound }
        let hash = key.digest(from: 0)
        var place = lowerHashes.firstIndex(notBefore: hash, in: range)
        // Cut inside this hash: the bytes decide.
        while place < range.upperBound, lowerHashes[place] == hash {
            let isBehind = views.with(place) { KeyOrder.compare(key, $0.lower) < 0 }
            if isBehind { break }
            place += 1
        }
        return max(range.lowerBound, place - 1)
    }

    /// All partitions, in the order of table numbers and keys.
    var partitions: [PartitionView] {
        tables.sorted { $0.key < $1.key }.flatMap { $0.value.partitions }
    }

    func adding(_ table: EngineTable, _ partitions: [PartitionView]) -> PartitionMap {
        var copy = tables
        copy[table.id] = TablePartitions(table: table, partitions: partitions)
        return PartitionMap(copy)
    }

    func removing(_ table: TableID) -> PartitionMap {
        var copy = tables
        copy[table] = nil
        return PartitionMap(copy)
    }

    /// With each partition of `replacements` in the place of the one with its number; numbers that are
    /// not there are passed over.
    func replacing(_ replacements: [PartitionView]) -> PartitionMap {
        var copy = tables
        for replacement in replacements {
            guard var table = copy[replacement.table],
                let index = table.partitions.firstIndex(where: { $0.id == replacement.id })
            else { continue }
            // The dictionary's own array is let go first, so that it is changed in place.
            copy[replacement.table]?.partitions = []
            table.partitions[index] = replacement
            copy[replacement.table] = table
        }
        return PartitionMap(copy)
    }

    /// With `parent` cut into `children`, which cover the same range in order.
    func replacing(_ parent: PartitionView, by children: [PartitionView]) -> PartitionMap {
        var copy = tables
        guard var table = copy[parent.table],
            let index = table.partitions.firstIndex(where: { $0.id == parent.id })
        else { return self }
        table.partitions.replaceSubrange(index...index, with: children)
        copy[parent.table] = table
        return PartitionMap(copy)
    }
}
