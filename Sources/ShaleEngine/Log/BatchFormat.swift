internal import ShaleBytes

/// The payload of a batch record: what was written, not how it was decided.
///
///     size      field
///     varint    N, number of writes
///     N times:
///       varint  table id
///       1       kind: 1 put, 2 delete
///       varint  K, length of the key
///       K       stored key bytes (`EntryKey`)
///       varint  V, length of the value   (put only)
///       V       value                    (put only)
///
/// Kinds from 128 on are kept for what a later version may add and an older one must refuse.
enum BatchFormat {
    static let put: UInt8 = 1
    static let delete: UInt8 = 2

    static func encode(_ writes: [WriteBatch.Write]) -> [UInt8] {
        var size = 10
        for write in writes { size += write.key.bytes.count + (write.value?.count ?? 0) + 18 }
        var writer = ByteWriter(reservingCapacity: size)
        writer.append(varint: writes.count)
        for write in writes {
            writer.append(varint: write.table.rawValue)
            writer.append(write.value == nil ? delete : put)
            writer.append(lengthPrefixed: write.key.bytes)
            if let value = write.value { writer.append(lengthPrefixed: value) }
        }
        return writer.take()
    }

    /// The writes of a payload; nil when it is malformed.
    static func decode(_ payload: [UInt8]) -> [WriteBatch.Write]? {
        var reader = ByteReader(payload)
        do throws(Truncated) {
            let count = try reader.readCount(limit: Limits.writesPerBatch)
            var writes: [WriteBatch.Write] = []
            writes.reserveCapacity(min(count, payload.count))
            for _ in 0..<count {
                let table = TableID(try reader.readVarint())
                let kind = try reader.readByte()
                let key = EntryKey(bytes: Array(try reader.readLengthPrefixed()))
                switch kind {
                case put:
                    let value = Array(try reader.readLengthPrefixed())
                    writes.append(WriteBatch.Write(table: table, key: key, value: value))
                case delete: writes.append(WriteBatch.Write(table: table, key: key, value: nil))
                default: return nil
                }
            }
            return reader.isAtEnd ? writes : nil
        } catch {
            return nil
        }
    }
}
