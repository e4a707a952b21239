internal import ShaleBytes

/// The engine's number of one table.
///
/// Never reused, so a log record that outlives its table is recognised as such.
public struct TableID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number, from 1 on.
    public let rawValue: UInt64

    /// The table with this number.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// By number.
    public static func < (left: TableID, right: TableID) -> Bool { left.rawValue < right.rawValue }

    /// "table 7".
    public var description: String { "table \(rawValue)" }
}

/// A table of ordered bytes: its number, and the seed with which its partition keys are hashed.
public struct EngineTable: Hashable, Sendable {
    /// The table's number.
    public let id: TableID
    /// Drawn at random when the table is made, so that nobody outside can aim keys at one place.
    public let hashSeed: UInt64

    /// A table that another engine has or had.
    package init(id: TableID, hashSeed: UInt64) {
        self.id = id
        self.hashSeed = hashSeed
    }

    /// The key of the entry `sort` under partition key `partition`.
    ///
    /// Bounds are checked when the key is written: `Limits.partitionKeySizeBytes` and
    /// `Limits.keySizeBytes`.
    public func key(partition: [UInt8], sort: [UInt8] = []) -> EntryKey {
        EntryKey(hash: Hash.xxh3(partition, seed: hashSeed), partition: partition, sort: sort)
    }

    /// All entries of one partition key.
    public func range(partition: [UInt8]) -> EntryRange {
        EntryRange(prefix: key(partition: partition).bytes)
    }

    /// Entries of one partition key whose sort key is at least `lower` and less than `upper`
    /// (nil: to the end of the partition key).
    public func range(partition: [UInt8], from lower: [UInt8], to upper: [UInt8]?) -> EntryRange {
        let start = key(partition: partition, sort: lower).bytes
        guard let upper else {
            return EntryRange(lower: start, upper: range(partition: partition).upper)
        }
        return EntryRange(lower: start, upper: key(partition: partition, sort: upper).bytes)
    }
}
