internal import ShaleEngine

/// What the database knows of one stream: it outlives its table by as long as its records count.
///
/// A stream is made of generations, and each has a table of the engine with as many shards as the table's keys had
/// partitions when it was made (a power of two, each shard a range of key hashes). Records are only ever added to the last
/// one; a new one is made every four hours, and when partitions have been split. So what is old goes by dropping tables,
/// and no record is deleted by itself. Shards of a new generation are the children of those that had their keys before.
struct StreamDefinition: Sendable, Equatable {
    var identity: StreamIdentity
    /// The table's own identity: another table may have its name later.
    var tableID: String
    var viewType: StreamSpecification.ViewType
    var keySchema: [KeySchemaElement]
    /// When it was switched off or its table deleted: milliseconds since 1970-01-01 UTC.
    var endedMilliseconds: Int64?
    /// Oldest first; at least one.
    var generations: [StreamGeneration]

    var engineTables: [TableID] { generations.map(\.engineTable.id) }

    /// Whether nothing is added to a generation any more.
    func isClosed(_ generation: StreamGeneration) -> Bool {
        endedMilliseconds != nil || generation.number != generations.last?.number
    }

    /// When a generation was closed.
    func closedMilliseconds(_ generation: StreamGeneration) -> Int64? {
        let next = generations.first { $0.number == generation.number + 1 }
        return next?.createdMilliseconds ?? endedMilliseconds
    }
}

/// Shards that were made together.
struct StreamGeneration: Sendable, Equatable {
    static let longestMilliseconds: Int64 = 4 * 60 * 60 * 1000
    static let largestBits = 6

    /// From 0 on.
    var number: Int
    /// Where its records are.
    var engineTable: EngineTable
    /// Binary logarithm of the number of shards.
    var bits: Int
    var createdMilliseconds: Int64
    /// All its records are at or behind this position of the log.
    var first: LogPosition

    var slots: Range<Int> { 0..<(1 << bits) }

    /// The slot whose range of hashes an item's key is in.
    func slot(of key: EntryKey) -> Int {
        bits == 0 ? 0 : Int(key.partitionHash >> UInt64(64 - bits))
    }

    /// The key of a slot's records, without their stamps.
    func prefix(slot: Int) -> EntryKey { engineTable.key(partition: Self.bytes(ofSlot: slot)) }

    /// The slot's records from a place on.
    func range(slot: Int, from sequence: StreamSequence) -> EntryRange {
        engineTable.range(
            partition: Self.bytes(ofSlot: slot),
            from: sequence.stamp.bytes,
            to: nil
        )
    }

    private static func bytes(ofSlot slot: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: slot >> 8), UInt8(truncatingIfNeeded: slot)]
    }
}

/// Which stream it is: of all streams that a table has had, the one that was made then.
public struct StreamIdentity: Hashable, Comparable, Sendable {
    /// The table's name.
    public var tableName: String
    /// When it was switched on: milliseconds since 1970-01-01 UTC.
    public var createdMilliseconds: Int64

    /// An identity.
    public init(tableName: String, createdMilliseconds: Int64) {
        self.tableName = tableName
        self.createdMilliseconds = createdMilliseconds
    }

    /// By table, then oldest first.
    public static func < (left: StreamIdentity, right: StreamIdentity) -> Bool {
        left.tableName == right.tableName
            ? left.createdMilliseconds < right.createdMilliseconds
            : left.tableName.utf8.lexicographicallyPrecedes(right.tableName.utf8)
    }
}
