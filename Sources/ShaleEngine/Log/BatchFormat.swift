internal import ShaleBytes

/// The payload of a batch record: what was written, not how it was decided.
///
///     size      field
///     varint    N, number of writes
///     N times:
///       varint  table id
///       1       kind: 1 put, 2 delete, 3 put under a stamped key
///       varint  K, length of the key
///       K       stored key bytes (`EntryKey`); of a stamped key without its stamp
///       varint  V, length of the value   (put only)
///       V       value                    (put only)
///
/// A stamped key (`Stamp`) is not known when the batch is made: it ends with the position that its record gets, and with
/// how many stamped keys stand before it in the batch. So it is written without them, and completed by whoever reads it.
///
/// Kinds from 128 on are kept for what a later version may add and an older one must refuse.
enum BatchFormat {
    static let put: UInt8 = 1
    static let delete: UInt8 = 2
    static let putStamped: UInt8 = 3
    /// What a write has at most besides key and value: the table, the kind, two lengths.
    static let overheadBytes = 31

    /// A whole payload.
    static func encode(_ batch: WriteBatch) -> [UInt8] {
        var payload: [UInt8] = []
        payload.append(varint: batch.count)
        payload.append(contentsOf: batch.bytes)
        return payload
    }

    /// The writes of a payload; nil when it is malformed.
    static func decode(_ payload: [UInt8]) -> [WriteBatch.Write]? {
        payload.withLentBytes { payload in
            var reader = BatchReader(payload: payload)
            return copies(&reader)
        }
    }

    /// The writes of a payload without its first field; nil when it is malformed.
    static func writes(_ bytes: [UInt8], count: Int) -> [WriteBatch.Write]? {
        bytes.withLentBytes { bytes in
            var reader = BatchReader(bytes, count: count)
            return copies(&reader)
        }
    }

    private static func copies(_ reader: inout BatchReader) -> [WriteBatch.Write]? {
        var writes: [WriteBatch.Write] = []
        while let write = reader.next() {
            writes.append(
                WriteBatch.Write(
                    table: write.table,
                    key: EntryKey(bytes: write.key.copied()),
                    ordinal: write.ordinal,
                    value: write.value?.copied()
                )
            )
        }
        return reader.isWhole ? writes : nil
    }
}

/// Reads the writes of a batch where they lie.
///
/// Total: any bytes give writes and an end; `isWhole` then says whether they were a batch.
struct BatchReader {
    /// A write, lent like the batch.
    struct Write {
        var table: TableID
        /// Of a stamped key without its stamp.
        var key: LentBytes
        /// Of a stamped key: how many stand before it in the batch.
        var ordinal: UInt16?
        /// Nil deletes.
        var value: LentBytes?
    }

    private let bytes: LentBytes
    private var offset = 0
    /// Writes that are still to come.
    private var left: Int
    private var isMalformed = false
    private var stampedCount = 0

    /// Reads `count` writes.
    init(_ bytes: LentBytes, count: Int) {
        self.bytes = bytes
        left = count
    }

    /// Reads a whole payload.
    init(payload: LentBytes) {
        bytes = payload
        left = 0
        guard let count = varint(), count <= UInt64(Limits.writesPerBatch) else {
            isMalformed = true
            return
        }
        left = Int(count)
    }

    /// After the last write: whether all were there and nothing else.
    var isWhole: Bool { !isMalformed && left == 0 && offset == bytes.count }

    /// The next write; nil at the end, or where it is none.
    mutating func next() -> Write? {
        guard left > 0, !isMalformed else { return nil }
        guard let table = varint(), let kind = byte(), let key = lengthPrefixed() else {
            return fail()
        }
        left -= 1
        switch kind {
        case BatchFormat.put:
            guard let value = lengthPrefixed() else { return fail() }
            return Write(table: TableID(table), key: key, value: value)
        case BatchFormat.delete: return Write(table: TableID(table), key: key, value: nil)
        case BatchFormat.putStamped:
            guard let value = lengthPrefixed(), let ordinal = UInt16(exactly: stampedCount),
                key.count >= EntryKey.partitionOffset
            else { return fail() }
            stampedCount += 1
            return Write(table: TableID(table), key: key, ordinal: ordinal, value: value)
        default: return fail()
        }
    }

    private mutating func fail() -> Write? {
        isMalformed = true
        return nil
    }

    private mutating func byte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    private mutating func lengthPrefixed() -> LentBytes? {
        guard let count = varint(), count <= UInt64(bytes.count - offset) else { return nil }
        defer { offset += Int(count) }
        return bytes[offset..<(offset + Int(count))]
    }

    /// An unsigned LEB128 varint of at most ten bytes and 64 bits.
    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = byte() {
            guard shift < 63 || (shift == 63 && byte <= 1) else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
