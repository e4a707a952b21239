internal import ShaleEngine
internal import ShaleItems

/// What a write adds to its batch for its table's stream: one record in the same log record as the item, so a stream
/// cannot disagree with its table.
struct ChangeCapture: Sendable {
    let target: ChangeTarget
    /// When the write was asked for.
    let milliseconds: Int64
    /// Whether it deletes an item because that has expired.
    let isExpiry: Bool

    /// Adds the record of a change: `old` and `new` differ.
    ///
    /// - Parameters:
    ///   - key: The item's key.
    ///   - old: The item before; nil if there was none.
    ///   - new: The item after, and its bytes; nil if there is none.
    ///   - batch: The batch of the write.
    /// - Returns: bytes of the record.
    /// - Throws: what an item is too deep for.
    func add(
        _ key: (item: Item, entry: EntryKey),
        from old: Item?,
        to new: (item: Item, bytes: [UInt8])?,
        to batch: inout WriteBatch
    ) throws(ItemError) -> Int {
        let generation = target.generation
        let change = ChangeRecordFormat.Change(
            event: new == nil ? .remove : old == nil ? .insert : .modify,
            viewType: target.viewType,
            milliseconds: milliseconds,
            isExpiry: isExpiry,
            keys: try ItemEncoder.encode(key.item),
            newImage: target.viewType.keepsNewImage ? new?.bytes : nil,
            oldImage: target.viewType.keepsOldImage
                ? try old.map { (old) throws(ItemError) in try ItemEncoder.encode(old) } : nil
        )
        let record = ChangeRecordFormat.encode(change)
        batch.put(
            stamped: generation.prefix(slot: generation.slot(of: key.entry)),
            generation.engineTable.id,
            record
        )
        return record.count
    }
}
