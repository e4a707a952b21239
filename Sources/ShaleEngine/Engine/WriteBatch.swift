internal import ShaleBytes

/// Writes that belong together: whole or absent after a crash, visible at once or not at all.
///
/// At most one write for a key: of several the last wins. The batch becomes one log record; its
/// bound is `Limits.recordSizeBytes`. It is encoded as it is filled, into one buffer, and is not
/// copied until it is written; a batch that is emptied and filled again allocates nothing.
public struct WriteBatch: Sendable {
    /// One write.
    public struct Write: Sendable {
        /// The table.
        public let table: TableID
        /// The key's stored bytes; of a stamped key without its stamp.
        public let key: EntryKey
        /// Of a stamped key: how many stand before it in the batch.
        public let ordinal: UInt16?
        /// The new value; nil deletes.
        public let value: [UInt8]?
    }

    /// The writes as `BatchFormat` draws them, without their number.
    private(set) var bytes: [UInt8] = []
    /// How many writes there are.
    public private(set) var count = 0
    /// What is checked when the batch is written.
    private(set) var largest = Largest()
    /// How many writes set a value.
    private(set) var putCount = 0
    /// How many writes have a stamped key.
    private(set) var stampedCount = 0
    /// The tables that are written to; nearly always one, and checked without a search.
    private(set) var tables: [TableID] = []

    /// The largest of each, bytes.
    struct Largest: Sendable {
        var partition = 0
        var key = 0
        var value = 0
    }

    /// An empty batch.
    public init() {}

    /// Whether there is nothing to do.
    public var isEmpty: Bool { count == 0 }

    /// The writes, in the order in which they were added.
    ///
    /// - Complexity: decodes them all.
    public var writes: [Write] { BatchFormat.writes(bytes, count: count) ?? [] }

    /// Makes room for `count` puts whose keys and values have so many bytes together.
    public mutating func reserveCapacity(count: Int, bytes: Int) {
        self.bytes.reserveCapacity(bytes + count * BatchFormat.overheadBytes)
    }

    /// Sets the value of a key.
    public mutating func put(_ table: TableID, _ key: EntryKey, _ value: [UInt8]) {
        // Safety: every bit pattern of a byte is a byte.
        unsafe put(table, key, value.span.bytes)
    }

    /// Sets the value of a key to a copy of `value`.
    public mutating func put(_ table: TableID, _ key: EntryKey, _ value: RawSpan) {
        if bytes.isEmpty {
            bytes.reserveCapacity(key.bytes.count + value.byteCount + BatchFormat.overheadBytes)
        }
        begin(table, BatchFormat.put)
        append(key)
        append(value)
    }

    /// Sets the value of the entry `sort` under the partition key `partition`: no key is made first.
    public mutating func put(
        _ table: EngineTable,
        partition: RawSpan,
        sort: RawSpan,
        _ value: RawSpan
    ) {
        begin(table.id, BatchFormat.put)
        append(table, partition, sort)
        append(value)
    }

    /// Sets the value of a key that does not exist yet: `prefix`, an entry's key, and behind it the place that the
    /// batch gets in the log (`Stamp`).
    ///
    /// So the entries under one prefix are in the order of all writes, and whoever has read up to a position that was
    /// visible has missed none before it.
    public mutating func put(stamped prefix: EntryKey, _ table: TableID, _ value: [UInt8]) {
        begin(table, BatchFormat.putStamped)
        stampedCount += 1
        append(prefix)
        largest.key = max(largest.key, prefix.bytes.count + Stamp.sizeBytes)
        // Safety: every bit pattern of a byte is a byte.
        unsafe append(value.span.bytes)
    }

    /// Deletes a key; one that is not there is no error.
    public mutating func delete(_ table: TableID, _ key: EntryKey) {
        begin(table, BatchFormat.delete)
        append(key)
    }

    /// Deletes the entry `sort` under the partition key `partition`.
    public mutating func delete(_ table: EngineTable, partition: RawSpan, sort: RawSpan) {
        begin(table.id, BatchFormat.delete)
        append(table, partition, sort)
    }

    /// Adds the writes of another batch behind these: together they are one.
    ///
    /// - Complexity: copies the other's bytes.
    public mutating func append(_ other: WriteBatch) {
        bytes.append(contentsOf: other.bytes)
        for table in other.tables where !tables.contains(table) { tables.append(table) }
        count += other.count
        putCount += other.putCount
        stampedCount += other.stampedCount
        largest.partition = max(largest.partition, other.largest.partition)
        largest.key = max(largest.key, other.largest.key)
        largest.value = max(largest.value, other.largest.value)
    }

    /// Empties the batch; its memory is used again for the next writes.
    public mutating func removeAll(keepingCapacity: Bool = true) {
        bytes.removeAll(keepingCapacity: keepingCapacity)
        tables.removeAll(keepingCapacity: keepingCapacity)
        largest = Largest()
        count = 0
        putCount = 0
        stampedCount = 0
    }

    private mutating func begin(_ table: TableID, _ kind: UInt8) {
        if tables.last != table, !tables.contains(table) { tables.append(table) }
        bytes.append(varint: Int(truncatingIfNeeded: table.rawValue))
        bytes.append(kind)
        count += 1
        if kind != BatchFormat.delete { putCount += 1 }
    }

    private mutating func append(_ key: EntryKey) {
        largest.partition = max(largest.partition, EntryKey.partition(in: key.bytes).count)
        largest.key = max(largest.key, key.bytes.count)
        bytes.append(varint: key.bytes.count)
        bytes.append(contentsOf: key.bytes)
    }

    private mutating func append(_ table: EngineTable, _ partition: RawSpan, _ sort: RawSpan) {
        let size = EntryKey.partitionOffset + partition.byteCount + sort.byteCount
        largest.partition = max(largest.partition, partition.byteCount)
        largest.key = max(largest.key, size)
        bytes.append(varint: size)
        bytes.append(integer: Hash.xxh3(partition, seed: table.hashSeed).byteSwapped)
        bytes.append(integer: UInt16(clamping: partition.byteCount).byteSwapped)
        bytes.append(bytesOf: partition)
        bytes.append(bytesOf: sort)
    }

    private mutating func append(_ value: RawSpan) {
        largest.value = max(largest.value, value.byteCount)
        bytes.append(varint: value.byteCount)
        bytes.append(bytesOf: value)
    }
}

/// What an acknowledged write survives.
public enum Durability: Sendable, CaseIterable {
    /// The loss of power: the log was synced before the answer.
    case synced
    /// The death of the process: the kernel has the bytes.
    case buffered
}

/// Bytes of log since the database was created; also the order of all writes.
public struct LogPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bytes.
    public let rawValue: UInt64

    /// The position `rawValue` bytes behind the beginning.
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The beginning of the log.
    public static let zero = LogPosition(0)

    /// Older before newer.
    public static func < (left: LogPosition, right: LogPosition) -> Bool {
        left.rawValue < right.rawValue
    }

    /// "@4096".
    public var description: String { "@\(rawValue)" }

    func advanced(by count: Int) -> LogPosition { LogPosition(rawValue + UInt64(count)) }
}

/// A key that a caller of `update` owns while its body runs: nobody else can write it meanwhile.
public struct OwnedKey: Hashable, Sendable {
    /// The table.
    public let table: TableID
    /// The key.
    public let key: EntryKey

    /// Names a key to own.
    public init(_ table: TableID, _ key: EntryKey) {
        self.table = table
        self.key = key
    }
}

/// In which order a scan visits.
public enum ScanDirection: Sendable {
    case ascending, descending
}

/// What a scan does after an entry.
public enum ScanStep: Sendable {
    case `continue`, stop
}
