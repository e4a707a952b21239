internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

/// One write of one item of a table without indexes and limits, in bytes.
struct EncodedWrite: Sendable {
    let table: TableID
    let key: EntryKey
    /// Nil deletes.
    let bytes: [UInt8]?
    let sizeBytes: Int
    var part = 0

    var owned: OwnedKey { OwnedKey(table, key) }

    /// From so many writes on a set finds two of one item sooner than looking at each pair.
    private static let fewWrites = 8

    /// Whether no two are of one item.
    static func areOfDifferentItems(_ writes: [EncodedWrite]) -> Bool {
        guard writes.count <= fewWrites else {
            return Set(writes.map(\.owned)).count == writes.count
        }
        for place in writes.indices {
            for other in writes[..<place]
            where other.table == writes[place].table && other.key == writes[place].key {
                return false
            }
        }
        return true
    }

    /// Nil where the write is unusual.
    init?(_ request: EncodedRequest, _ version: TableVersion) throws(DatabaseError) {
        guard version.isPlain else { return nil }
        switch request {
        case .put(let item, let size):
            guard let key = try version.entryKey(ofItem: item) else { return nil }
            self.key = key
            bytes = item
            sizeBytes = size
        case .delete(let given):
            guard let key = try version.entryKey(of: given) else { return nil }
            self.key = key
            bytes = nil
            sizeBytes = 0
        }
        table = version.engineTable.id
    }

    /// What the write cost that changed its table so.
    func units(_ change: Tally) -> CapacityUnits {
        CapacityRules.write(
            oldBytes: max(0, sizeBytes - change.bytes),
            newBytes: bytes == nil ? nil : sizeBytes
        )
    }

    private enum Old {
        case same
        case size(Int)
        case damaged(ItemError)
    }

    /// Adds what changes to a batch, and says how the table grows or shrinks.
    func decide(
        _ view: ReadView,
        _ batch: inout WriteBatch
    ) throws(EngineError) -> Result<Tally, ItemError> {
        let old = try view.withValue(table, key) { value -> Old in
            let value = Span<UInt8>(_bytes: value)
            if let bytes, TextOrder.order(value, bytes.span) == 0 { return .same }
            do throws(ItemError) {
                return .size(try EncodedAttributes.sizeBytes(value))
            } catch {
                return .damaged(error)
            }
        }
        let oldSize: Int?
        switch old {
        case nil: oldSize = nil
        case .same: return .success(Tally())
        case .size(let size): oldSize = size
        case .damaged(let error): return .failure(error)
        }
        if let bytes {
            batch.put(table, key, bytes)
        } else if oldSize != nil {
            batch.delete(table, key)
        }
        let items = (bytes == nil ? 0 : 1) - (oldSize == nil ? 0 : 1)
        return .success(Tally(items: items, bytes: sizeBytes - (oldSize ?? 0)))
    }

    static func decide(
        _ writes: [EncodedWrite],
        _ view: ReadView,
        _ batch: inout WriteBatch
    ) throws(EngineError) -> Result<[Tally], ItemError> {
        var changes: [Tally] = []
        changes.reserveCapacity(writes.count)
        batch.reserveCapacity(
            count: writes.count,
            bytes: writes.reduce(0) { $0 + $1.key.bytes.count + ($1.bytes?.count ?? 0) }
        )
        for write in writes {
            switch try write.decide(view, &batch) {
            case .success(let change): changes.append(change)
            case .failure(let error): return .failure(error)
            }
        }
        return .success(changes)
    }
}
