internal import ShaleBytes
internal import ShaleEngine

/// From where a shard is read on; all that is known of a reader, so that it survives a restart.
///
/// Its bytes, little-endian:
///
///     offset  size    field
///          0     1    version, 1
///          1     8    when it was given out: milliseconds since 1970-01-01 UTC
///          9     8    when the stream was made
///         17     4    generation
///         21     2    slot
///         23     8    place: position in the log
///         31     2    place: ordinal in the record
///         33  varint  T, length of the table's name
///              T      the table's name, UTF-8
///              4      CRC-32C of all before it
public struct ShardIterator: Hashable, Sendable {
    private static let version: UInt8 = 1
    private static let fixedSizeBytes = 33
    /// How long it may be used.
    static let lifeMilliseconds: Int64 = 15 * 60 * 1000

    package var stream: StreamIdentity
    var generation: Int
    var slot: Int
    package var sequence: StreamSequence
    var issuedMilliseconds: Int64

    init(
        stream: StreamIdentity,
        generation: Int,
        slot: Int,
        sequence: StreamSequence,
        issuedMilliseconds: Int64
    ) {
        self.stream = stream
        self.generation = generation
        self.slot = slot
        self.sequence = sequence
        self.issuedMilliseconds = issuedMilliseconds
    }

    /// The stream that it reads.
    public var streamIdentity: StreamIdentity { stream }

    /// The bytes.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.version)
        writer.append(integer: issuedMilliseconds)
        writer.append(integer: stream.createdMilliseconds)
        writer.append(integer: UInt32(clamping: generation))
        writer.append(integer: UInt16(clamping: slot))
        writer.append(integer: sequence.stamp.position.rawValue)
        writer.append(integer: sequence.stamp.ordinal)
        writer.append(lengthPrefixed: Array(stream.tableName.utf8))
        let bytes = writer.take()
        var checksum = ByteWriter()
        checksum.append(integer: Checksum.crc32c(bytes))
        return bytes + checksum.take()
    }

    /// Reads an iterator; nil where it is none.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count > Self.fixedSizeBytes + 4, bytes[0] == Self.version else { return nil }
        func number(_ range: Range<Int>) -> UInt64 {
            bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let body = Array(bytes.dropLast(4))
        guard number((bytes.count - 4)..<bytes.count) == UInt64(Checksum.crc32c(body)) else {
            return nil
        }
        // A table's name has at most 255 bytes, so its length at most two.
        var name = body[Self.fixedSizeBytes...]
        guard let first = name.popFirst() else { return nil }
        var length = Int(first & 0x7F)
        if first >= 0x80 {
            guard let second = name.popFirst(), second < 0x80 else { return nil }
            length |= Int(second) << 7
        }
        let position = number(23..<31)
        guard position <= StreamSequence.lastPosition, length == name.count,
            let text = String(validating: name, as: UTF8.self)
        else {
            return nil
        }
        issuedMilliseconds = Int64(bitPattern: number(1..<9))
        stream = StreamIdentity(
            tableName: text,
            createdMilliseconds: Int64(bitPattern: number(9..<17))
        )
        generation = Int(number(17..<21))
        slot = Int(number(21..<23))
        sequence = StreamSequence(
            Stamp(
                position: LogPosition(position),
                ordinal: UInt16(truncatingIfNeeded: number(31..<33))
            )
        )
    }
}
