internal import ShaleBytes

/// One token of a transaction that was done: a mark that stands in the same log record as its writes.
///
/// The entry's partition key is the token in UTF-8, its sort key is empty. Its value, little-endian:
///
///     offset  size  field
///          0     1  version, 1
///          1     8  until when it counts: milliseconds since 1970-01-01 UTC
///          9    16  what the transaction asked for (`TransactionDigest`), high half first
///
/// Tokens stand in two engine tables by turns. Ten minutes after a table was taken into use the other one is, empty,
/// and the one before is dropped: nothing of it counts any more. So tokens are forgotten without being deleted one
/// by one.
struct TokenMark: Hashable, Sendable {
    static let version: UInt8 = 1
    static let sizeBytes = 25

    var untilMilliseconds: Int64
    var digest: TransactionDigest

    var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: Self.sizeBytes)
        writer.append(Self.version)
        writer.append(integer: untilMilliseconds)
        writer.append(integer: digest.high)
        writer.append(integer: digest.low)
        return writer.take()
    }

    init(untilMilliseconds: Int64, digest: TransactionDigest) {
        self.untilMilliseconds = untilMilliseconds
        self.digest = digest
    }

    /// Reads a mark; nil where it is none.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.sizeBytes, bytes[0] == Self.version else { return nil }
        func word(at offset: Int) -> UInt64 {
            bytes[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        untilMilliseconds = Int64(bitPattern: word(at: 1))
        digest = TransactionDigest(high: word(at: 9), low: word(at: 17))
    }
}
