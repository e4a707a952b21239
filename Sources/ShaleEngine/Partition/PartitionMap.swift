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

    init(_ tables: [TableID: TablePartitions]) { self.tables = tables }

    /// The partition of `table` that holds `key`; nil if there is no such table.
    func partition(_ table: TableID, _ key: [UInt8]) -> PartitionView? {
        guard let found = tables[table] else { return nil }
        return found.partitions[found.index(of: key)]
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
