/// Writes that belong together: whole or absent after a crash, visible at once or not at all.
///
/// At most one write for a key: of several the last wins. The batch becomes one log record; its
/// bound is `Limits.recordSizeBytes`.
public struct WriteBatch: Sendable {
    /// One write.
    public struct Write: Sendable {
        /// The table.
        public let table: TableID
        /// The key's stored bytes.
        public let key: EntryKey
        /// The new value; nil deletes.
        public let value: [UInt8]?
    }

    /// The writes, in the order in which they were added.
    public private(set) var writes: [Write] = []

    /// An empty batch.
    public init() {}

    /// Whether there is nothing to do.
    public var isEmpty: Bool { writes.isEmpty }

    /// Sets the value of a key.
    public mutating func put(_ table: TableID, _ key: EntryKey, _ value: [UInt8]) {
        writes.append(Write(table: table, key: key, value: value))
    }

    /// Deletes a key; one that is not there is no error.
    public mutating func delete(_ table: TableID, _ key: EntryKey) {
        writes.append(Write(table: table, key: key, value: nil))
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
