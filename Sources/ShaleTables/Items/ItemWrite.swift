internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// One write of one item, parsed and checked as far as it can be without the item that is there.
///
/// `decide` is pure: the old image goes in through a view, the batch and the outcome come out. The
/// engine may call it twice.
struct ItemWrite: Sendable {
    enum Change: Sendable {
        /// The item and its bytes.
        case put(Item, [UInt8])
        case delete
        /// Nil only makes sure that the item is there.
        case update(Update?)
        /// Only the condition counts.
        case check
    }

    /// What it holds of its table: a reference, for a definition is large, and a write is handed on often.
    let version: TableVersion
    /// The key attributes.
    let key: Item
    let entryKey: EntryKey
    let change: Change
    var condition: Condition?
    var returnsItemOnFailure = false
    /// Whether a condition that fails means that the item is there already, as in `INSERT`.
    var isInsert = false
    /// What its table's stream and its expiry need of it; nil where it has neither.
    var followers: WriteFollowers?
    /// Where it is admitted and charged; nil where its table has no limits.
    var gate: CapacityGate?
    /// Counts what it costs; nil where nobody asks.
    var usage: UsageCounters?
    /// Whether it is part of a transaction, for what it costs.
    var mode = CapacityRules.WriteMode.standard

    /// What a write did.
    struct Outcome: Sendable {
        var old: Item?
        var new: Item?
        /// Of an update with an expression.
        var updated: UpdateResult?
        var consumed: ConsumedCapacity
        /// Where in global indexes it was made, where that counts.
        var indexRanges: [String: KeyRange] = [:]
        /// How the table and its indexes grew or shrank.
        var tallies: [(table: TableID, change: Tally)]
        /// Bytes of the stream's record; 0 where there is none.
        var recordBytes = 0
    }

    typealias Decision = (WriteBatch, Result<Outcome, DatabaseError>)

    var owned: OwnedKey { OwnedKey(version.engineTable.id, entryKey) }

    /// Makes a put: checks the item.
    static func put(
        _ item: Item,
        _ version: TableVersion
    ) throws(DatabaseError) -> ItemWrite {
        let key = try version.definition.key(of: item)
        try version.definition.checkIndexKeys(of: item)
        do throws(ItemError) {
            try item.validate()
            return ItemWrite(
                version: version,
                key: key,
                entryKey: version.definition.entryKey(key),
                change: .put(item, try ItemEncoder.encode(item))
            )
        } catch {
            throw DatabaseError(error)
        }
    }

    static func delete(
        _ given: Item,
        _ version: TableVersion
    ) throws(DatabaseError) -> ItemWrite {
        let key = try version.definition.checkedKey(given)
        return ItemWrite(
            version: version,
            key: key,
            entryKey: version.definition.entryKey(key),
            change: .delete
        )
    }

    static func check(
        _ given: Item,
        _ version: TableVersion
    ) throws(DatabaseError) -> ItemWrite {
        let key = try version.definition.checkedKey(given)
        return ItemWrite(
            version: version,
            key: key,
            entryKey: version.definition.entryKey(key),
            change: .check
        )
    }

    static func update(
        _ given: Item,
        _ update: Update?,
        _ version: TableVersion
    ) throws(DatabaseError) -> ItemWrite {
        let key = try version.definition.checkedKey(given)
        if let path = update?.firstPath(where: { version.definition.isKey($0.root) }) {
            throw .invalidParameters(
                "Cannot update attribute \(path.root). This attribute is part of the key"
            )
        }
        try version.definition.checkIndexKeys(of: update)
        return ItemWrite(
            version: version,
            key: key,
            entryKey: version.definition.entryKey(key),
            change: .update(update)
        )
    }

    func decide(_ view: ReadView) throws(EngineError) -> Decision {
        let bytes = try view.get(version.engineTable.id, entryKey)
        do throws(DatabaseError) {
            return try decide(
                try bytes.map { (bytes) throws(DatabaseError) in
                    try StoredItem.decode(bytes)
                }
            )
        } catch {
            return (WriteBatch(), .failure(error))
        }
    }

    /// What the write does to `old`.
    func decide(_ old: Item?) throws(DatabaseError) -> Decision {
        if let condition, !condition.isSatisfied(by: old) {
            var failure = isInsert ? DatabaseError.duplicateItem : .conditionFailed
            if returnsItemOnFailure { failure.item = old }
            if gate != nil || usage != nil {
                failure.cost = CapacityRules.write(oldBytes: old?.sizeBytes, newBytes: nil, mode)
            }
            throw failure
        }
        switch change {
        case .put(let item, let bytes): return try finish(old, item, bytes, nil)
        case .delete: return try finish(old, nil, nil, nil)
        case .check: return try finish(old, old, nil, nil)
        case .update(let update):
            let (new, updated) = try apply(update, to: old ?? key)
            if old == nil, let update, !update.makesItem { return try finish(nil, nil, nil, nil) }
            let bytes: [UInt8]
            do throws(ItemError) {
                try new.validate()
                bytes = try ItemEncoder.encode(new)
            } catch {
                throw error.code == .itemTooLarge
                    ? .validation("Item size to update has exceeded the maximum allowed size")
                    : DatabaseError(error)
            }
            try version.definition.checkIndexKeys(of: new)
            return try finish(old, new, bytes, updated)
        }
    }

    private func apply(
        _ update: Update?,
        to item: Item
    ) throws(DatabaseError) -> (Item, UpdateResult?) {
        guard let update else { return (item, nil) }
        do throws(ExpressionError) {
            let result = try update.apply(to: item)
            return (result.item, result)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// The batch that replaces `old` by `new`; empty where nothing changes.
    private func finish(
        _ old: Item?,
        _ new: Item?,
        _ bytes: [UInt8]?,
        _ updated: UpdateResult?
    ) throws(DatabaseError) -> Decision {
        let deltas = version.definition.indexes.compactMap {
            IndexDelta($0, version.definition.key, from: old, to: new)
        }
        try admit(deltas)
        if old != new { try followers?.admit(version.definition) }
        var batch = WriteBatch()
        if let new, let bytes, old != new {
            batch.put(version.engineTable.id, entryKey, bytes)
        } else if old != nil, new == nil {
            batch.delete(version.engineTable.id, entryKey)
        }
        var recordBytes = 0
        do throws(ItemError) {
            for delta in deltas { try delta.add(to: &batch, whole: bytes) }
            if let followers, old != new {
                let after = new.flatMap { new in bytes.map { (item: new, bytes: $0) } }
                recordBytes = try followers.add(
                    (key, entryKey),
                    version.definition.key,
                    from: old,
                    to: after,
                    to: &batch
                )
            }
        } catch {
            throw DatabaseError(error)
        }
        let sizes = (old: old?.sizeBytes, new: new?.sizeBytes)
        let change = Tally(
            items: (new == nil ? 0 : 1) - (old == nil ? 0 : 1),
            bytes: (sizes.new ?? 0) - (sizes.old ?? 0)
        )
        let outcome = Outcome(
            old: old,
            new: new,
            updated: updated,
            consumed: consumed(sizes.old, sizes.new, deltas),
            indexRanges: gate == nil ? [:] : deltas.ranges,
            tallies: [(version.engineTable.id, change)]
                + deltas.map { ($0.index.engineTable.id, $0.tally) },
            recordBytes: recordBytes
        )
        return (batch, .success(outcome))
    }

    private func consumed(
        _ oldBytes: Int?,
        _ newBytes: Int?,
        _ deltas: [IndexDelta]
    ) -> ConsumedCapacity {
        var consumed = ConsumedCapacity(
            tableName: version.definition.name,
            table: CapacityRules.write(oldBytes: oldBytes, newBytes: newBytes, mode)
        )
        for delta in deltas {
            let units = CapacityRules.indexWrite(delta.capacityChange, mode)
            switch delta.index.scope {
            case .local: consumed.localIndexes[delta.index.name] = units
            case .global: consumed.globalIndexes[delta.index.name] = units
            }
        }
        return consumed
    }
}

extension IndexDelta {
    var capacityChange: CapacityRules.IndexChange {
        switch (old, new) {
        case (nil, nil): .none
        case (nil, let new?): .inserted(newBytes: new.item.sizeBytes)
        case (let old?, nil): .deleted(oldBytes: old.item.sizeBytes)
        case (let old?, let new?):
            old.key == new.key
                ? .updated(oldBytes: old.item.sizeBytes, newBytes: new.item.sizeBytes)
                : .moved(oldBytes: old.item.sizeBytes, newBytes: new.item.sizeBytes)
        }
    }
}

/// Items as they are stored: damage surfaces as a failure of the storage.
enum StoredItem {
    static func decode(_ bytes: [UInt8]) throws(DatabaseError) -> Item {
        do throws(ItemError) {
            return try ItemDecoder.decode(bytes)
        } catch {
            throw .damaged("item", error.description)
        }
    }
}
