internal import ShaleCapacity
internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

/// What one table or index has used since the database was opened, and what it holds now.
package struct ResourceUsage: Sendable, Equatable {
    /// The table.
    package var tableName: String
    /// Which table or index of the name; nil where nothing was used.
    package var life: UsageLife?
    /// The index; nil is the table itself.
    package var indexName: String?
    /// What was used.
    package var count: UsageCount
    /// Bytes of the items that it holds, as the service bills them; zero once it is gone.
    package var sizeBytes: Int
    /// What was refused since the database was opened, for lack of capacity.
    package var refused = RefusalCount()

    /// Puts both together.
    package init(
        tableName: String,
        life: UsageLife? = nil,
        indexName: String? = nil,
        count: UsageCount,
        sizeBytes: Int,
        refused: RefusalCount = RefusalCount()
    ) {
        self.tableName = tableName
        self.life = life
        self.indexName = indexName
        self.count = count
        self.sizeBytes = sizeBytes
        self.refused = refused
    }
}

extension Tally {
    /// What the service adds to each item and to each entry of an index where it bills storage.
    private static let overheadBytes = 100

    /// Bytes as the service bills them: more than what a description of the table has.
    fileprivate var billedBytes: Int { max(0, bytes) + max(0, items) * Self.overheadBytes }
}

/// What tables and indexes have used that are gone, until somebody has written it down.
final class RetiredUsage: Sendable {
    /// More than this nobody keeps in memory for somebody who does not come.
    private static let limit = 10_000
    private let usages = Mutex<[ResourceUsage]>([])

    func add(_ usage: [ResourceUsage]) {
        usages.withLock { usages in
            usages += usage.prefix(max(0, Self.limit - usages.count))
        }
    }

    var all: [ResourceUsage] { usages.withLock { $0 } }

    /// Forgets the first so many.
    func forget(first count: Int) { usages.withLock { $0.removeFirst(min(count, $0.count)) } }
}

extension LiveTable {
    /// What the table and each of its global indexes have used, and hold.
    func usages(isGone: Bool = false) -> [ResourceUsage] {
        let definition = definition
        let sizes = tallies(of: definition)
        guard let counted = usage?.counted() else { return [] }
        var usages = [
            ResourceUsage(
                tableName: name,
                life: counted.table.life,
                count: counted.table.count,
                sizeBytes: isGone ? 0 : sizes[0].billedBytes,
                refused: gate?.refused(.table) ?? RefusalCount()
            )
        ]
        for (index, size) in zip(definition.indexes, sizes.dropFirst()) {
            if index.scope == .local {
                usages[0].sizeBytes += isGone ? 0 : size.billedBytes
                continue
            }
            let used = counted.indexes[index.name]
            usages.append(
                ResourceUsage(
                    tableName: name,
                    life: used?.life,
                    indexName: index.name,
                    count: used?.count ?? UsageCount(),
                    sizeBytes: isGone ? 0 : size.billedBytes,
                    refused: gate?.refused(.index(index.name)) ?? RefusalCount()
                )
            )
        }
        return usages
    }

    /// What a global index has used that is gone; nothing is counted for it any more.
    func retiredUsage(of index: IndexDefinition) -> [ResourceUsage] {
        guard let used = usage?.retire(index: index.name) else { return [] }
        return [
            ResourceUsage(
                tableName: name,
                life: used.life,
                indexName: index.name,
                count: used.count,
                sizeBytes: 0
            )
        ]
    }
}

extension Database {
    /// What all tables and global indexes have used since the database was opened, and those that were deleted since.
    ///
    /// What is deleted at this moment may be among both, with one life.
    ///
    /// - Returns: Those that are there, and those that are gone: call `forgetRetiredUsage` once these are written down.
    package func usage() -> (there: [ResourceUsage], gone: [ResourceUsage]) {
        let there = catalog.tables.flatMap { $0.usages() }
        return (there, retiredUsage.all)
    }

    /// The first so many of those that are gone are written down.
    package func forgetRetiredUsage(first count: Int) { retiredUsage.forget(first: count) }

    /// Bytes of the on-demand backups of each table, as the service bills them.
    ///
    /// Those that deleted tables left are free; of a backup the table and its local indexes count.
    package func backupBytes() -> [String: Int] {
        var bytes: [String: Int] = [:]
        for backup in catalog.backups.all where backup.type == .user {
            var size = backup.tallies.first?.billedBytes ?? 0
            for (index, tally) in zip(backup.table.indexes, backup.tallies.dropFirst())
            where index.scope == .local {
                size += tally.billedBytes
            }
            bytes[backup.identity.tableName, default: 0] += size
        }
        return bytes
    }

    /// The time of day: milliseconds since 1970-01-01 UTC.
    package var wallMilliseconds: Int64 { world.time.wallMilliseconds }
}
