internal import ShaleEngine
public import ShaleItems

/// What was written to a table between two times of its past, which stays until it was read.
public struct PastChanges: Sendable {
    /// The table as it is now.
    public let table: TableDescription
    /// From the first time on, before the other: milliseconds since 1970-01-01 UTC.
    public let span: Range<Int64>
    let definition: TableDefinition
    /// Older than the span; what it does not hold yet is in the log.
    let point: RestorePoint
}

/// An item that was written in a span of time: as it was before it, and at its end.
public struct PastChange: Sendable, Equatable {
    /// The primary key.
    public var keys: Item
    /// The stored bytes of the item before the span; nil where there was none.
    public var old: [UInt8]?
    /// The same at its end; one of the two is there.
    public var new: [UInt8]?
    /// When it was last written: milliseconds since 1970-01-01 UTC.
    public var milliseconds: Int64
}

/// The last write of one item, as it stands in a table that is dropped when it was read. Little-endian:
///
///     offset  size  field
///          0     8  when it was written: milliseconds since 1970-01-01 UTC
///          8     1  0 where it deleted the item, else 1
///          9        the stored bytes of the item
struct LastWrite {
    private static let flagOffset = 8
    private static let headerSizeBytes = 9

    var milliseconds: Int64
    /// Nil where the item was deleted.
    var value: [UInt8]?

    init(milliseconds: Int64, value: [UInt8]?) {
        self.milliseconds = milliseconds
        self.value = value
    }

    init(_ bytes: [UInt8]) throws(EngineError) {
        guard bytes.count >= Self.headerSizeBytes else {
            throw EngineError(.corrupted, "an entry of a table of changes is too short")
        }
        let word = bytes[..<Self.flagOffset].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        milliseconds = Int64(bitPattern: word)
        value = bytes[Self.flagOffset] == 0 ? nil : Array(bytes[Self.headerSizeBytes...])
    }

    var bytes: [UInt8] {
        let word = UInt64(bitPattern: milliseconds)
        var bytes = (0..<Self.flagOffset).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
        bytes.append(value == nil ? 0 : 1)
        return bytes + (value ?? [])
    }
}
