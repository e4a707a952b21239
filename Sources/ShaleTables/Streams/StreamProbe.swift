internal import ShaleBytes
internal import ShaleEngine
internal import ShaleItems

/// Ways to the decoders of streams and tokens, for fuzzing.
///
/// Each takes any bytes and must return. What was decoded and can be
/// encoded again must be the same then.
package enum StreamProbe {
    /// A record of a stream.
    package static func record(_ bytes: [UInt8]) {
        let sequence = StreamSequence(from: LogPosition(7))
        guard let record = try? ChangeRecordFormat.decode(bytes, at: sequence) else { return }
        precondition(
            ChangeRecordFormat.milliseconds(of: bytes) == record.milliseconds,
            "a record says when it was written without being decoded"
        )
        do throws(ItemError) {
            let again = ChangeRecordFormat.encode(
                ChangeRecordFormat.Change(
                    event: record.event,
                    viewType: record.viewType,
                    milliseconds: record.milliseconds,
                    isExpiry: record.isExpiry,
                    keys: try ItemEncoder.encode(record.keys),
                    newImage: try record.newImage.map { (item) throws(ItemError) in
                        try ItemEncoder.encode(item)
                    },
                    oldImage: try record.oldImage.map { (item) throws(ItemError) in
                        try ItemEncoder.encode(item)
                    }
                )
            )
            let decoded = try? ChangeRecordFormat.decode(again, at: sequence)
            precondition(decoded == record, "a record is read as written")
        } catch {
            // Its items are too deep to be written.
        }
    }

    /// An iterator of a shard, whose checksum is made right.
    package static func iterator(_ bytes: [UInt8]) {
        _ = ShardIterator(bytes)
        var writer = ByteWriter()
        writer.append(bytes)
        writer.append(integer: Checksum.crc32c(bytes))
        let whole = writer.take()
        guard let iterator = ShardIterator(whole) else { return }
        precondition(ShardIterator(iterator.bytes) == iterator, "an iterator is read as written")
    }

    /// The mark of a transaction's token.
    package static func token(_ bytes: [UInt8]) {
        guard let mark = TokenMark(bytes) else { return }
        precondition(mark.bytes == bytes, "a mark has one form")
    }

    /// Names of shards and places.
    package static func names(_ text: String) {
        if let shard = ShardIdentity(text) {
            precondition(ShardIdentity(shard.description) == shard, "a shard has one name")
        }
        if let sequence = StreamSequence(text) {
            precondition(sequence.description == text, "a place has one number")
            _ = sequence.next
        }
    }
}
