internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// What follows from a write besides the item and its index entries: the record of a stream, and when the item expires.
///
/// Where both go is looked up while the item is owned (`ChangeSwitch`, `ExpirySwitch`).
struct WriteFollowers: Sendable {
    let changes: ChangeSwitch
    let expiry: ExpirySwitch
    /// Where the record of a stream takes space.
    let space: StreamSpace
    /// When the write was asked for: milliseconds since 1970-01-01 UTC.
    let milliseconds: Int64
    /// Whether it deletes an item because that has expired.
    var isExpiry = false

    /// Asks whether a change of an item of the table may follow.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled` where its stream has no space for the record.
    func admit(_ table: TableDefinition) throws(DatabaseError) {
        guard space.isFull, changes.now != nil else { return }
        try space.admit(table)
    }

    /// Adds to a batch what follows when an item becomes another.
    /// - Returns: bytes of the stream's record; 0 where there is none.
    func add(
        _ key: (item: Item, entry: EntryKey),
        _ schema: KeySchema,
        from old: Item?,
        to new: (item: Item, bytes: [UInt8])?,
        to batch: inout WriteBatch
    ) throws(ItemError) -> Int {
        var recordBytes = 0
        if let target = changes.now {
            let capture = ChangeCapture(
                target: target,
                milliseconds: milliseconds,
                isExpiry: isExpiry
            )
            recordBytes = try capture.add(key, from: old, to: new, to: &batch)
        }
        if let target = expiry.now {
            let delta = ExpiryDelta(target, from: old, to: new?.item)
            if try delta.add(key.item, schema, to: &batch), let seconds = delta.new {
                expiry.note(seconds)
            }
        }
        return recordBytes
    }
}

extension Database {
    /// What follows from writes to a table; nil where nothing does, and nothing can begin to while the writer is there.
    func followers(of table: LiveTable, _ version: TableVersion) -> WriteFollowers? {
        guard !version.hasNoFollowers else { return nil }
        return WriteFollowers(
            changes: table.changes,
            expiry: table.expiry,
            space: streamSpace,
            milliseconds: world.time.wallMilliseconds
        )
    }
}
