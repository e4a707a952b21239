internal import ShaleBytes

/// The end of a stamped key: the place of its write in the order of all writes.
///
///     offset  size  field
///          0     8  position of the batch's record in the log, big-endian
///          8     2  how many stamped keys stand before it in the batch, big-endian
///
/// It stands at the end of the sort key.
public struct Stamp: Hashable, Comparable, Sendable {
    static let sizeBytes = MemoryLayout<UInt64>.size + MemoryLayout<UInt16>.size

    /// The position of the batch's record.
    public var position: LogPosition
    /// How many stamped keys stand before it in the batch.
    public var ordinal: UInt16

    /// A stamp.
    public init(position: LogPosition, ordinal: UInt16) {
        self.position = position
        self.ordinal = ordinal
    }

    /// Its bytes, in whose order stamps are.
    public var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: Self.sizeBytes)
        writer.append(bigEndian: position.rawValue)
        writer.append(bigEndian: ordinal)
        return writer.take()
    }

    /// The stamp with which stored key bytes end; nil if they are too short.
    public init?(endOf key: [UInt8]) {
        guard key.count >= Self.sizeBytes else { return nil }
        let bytes = key.suffix(Self.sizeBytes)
        let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        position = LogPosition(number)
        ordinal = bytes.suffix(2).reduce(0) { $0 << 8 | UInt16($1) }
    }

    /// Older before newer.
    public static func < (left: Stamp, right: Stamp) -> Bool {
        (left.position, left.ordinal) < (right.position, right.ordinal)
    }
}

extension BatchReader.Write {
    /// Lends the whole key of a write whose record is at `position`.
    @inline(__always)
    func withKey<Answer, Failure: Error>(
        at position: LogPosition,
        _ body: (LentBytes) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        guard let ordinal else { return try body(key) }
        return try Scratch.with(capacity: key.count + Stamp.sizeBytes) {
            scratch throws(Failure) in
            scratch.append(key.span)
            scratch.append(bigEndian: position.rawValue)
            scratch.append(bigEndian: ordinal)
            return try body(scratch.lent)
        }
    }
}

extension WriteBatch.Write {
    /// The whole key of a write whose record is at `position`.
    func key(at position: LogPosition) -> EntryKey {
        guard let ordinal else { return key }
        return EntryKey(bytes: key.bytes + Stamp(position: position, ordinal: ordinal).bytes)
    }
}
