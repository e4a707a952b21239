internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

/// What one write changes in one index: the writes for its batch, and what they cost.
///
/// Nothing when the entry stays as it is. An entry that stays at its key is overwritten; one that
/// moves is deleted there and put here, which counts as two writes.
struct IndexDelta: Sendable {
    let index: IndexDefinition
    let old: IndexEntry?
    let new: IndexEntry?

    /// The change of `index` when an item becomes another; nil when there is none.
    init?(_ index: IndexDefinition, _ primary: KeySchema, from old: Item?, to new: Item?) {
        self.index = index
        self.old = old.flatMap { index.entry(of: $0, primary) }
        self.new = index.onlyRemoves ? nil : new.flatMap { index.entry(of: $0, primary) }
        switch (self.old, self.new) {
        case (nil, nil): return nil
        case (let old?, let new?) where old.key == new.key && old.item == new.item: return nil
        default: break
        }
    }

    /// Adds the writes to a batch; `whole` are the bytes of the new item, if it is one.
    func add(to batch: inout WriteBatch, whole: [UInt8]?) throws(ItemError) {
        if let old, old.key != new?.key { batch.delete(index.engineTable.id, old.key) }
        guard let new else { return }
        let bytes: [UInt8] =
            if index.projection.kind == .all, let whole { whole } else {
                try ItemEncoder.encode(new.item)
            }
        batch.put(index.engineTable.id, new.key, bytes)
    }

    /// How the index grows or shrinks.
    var tally: Tally {
        guard !index.onlyRemoves else { return Tally() }
        return Tally(
            items: (new == nil ? 0 : 1) - (old == nil ? 0 : 1),
            bytes: (new?.item.sizeBytes ?? 0) - (old?.item.sizeBytes ?? 0)
        )
    }
}
