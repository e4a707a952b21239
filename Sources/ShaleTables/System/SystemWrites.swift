package import ShaleEngine
package import ShaleItems

/// Writes of system tables that are to happen together: gathered by several layers, written by one of them.
///
///     var writes = timers.writes(setting: [next])
///     writes.put(history, in: executions)
///     try await database.write(writes)
package struct SystemWrites: Sendable {
    enum Change: Sendable {
        case put(Item)
        /// The same as bytes.
        case putBytes(WrittenItem)
        case delete(Item)

        /// For a record that has writes of users, too.
        func write(_ version: TableVersion) throws(DatabaseError) -> ItemWrite {
            switch self {
            case .put(let item): try .put(item, version)
            case .putBytes(let item): try .put(try StoredItem.decode(item.bytes), version)
            case .delete(let key): try .delete(key, version)
            }
        }

        /// For a record that has none.
        func encoded(_ version: TableVersion) throws(DatabaseError) -> EncodedWrite {
            let request: EncodedRequest
            switch self {
            case .put(let item):
                do throws(ItemError) {
                    try item.validate()
                    let bytes = try ItemEncoder.encode(item)
                    request = .put(bytes, sizeBytes: item.sizeBytes)
                } catch {
                    throw DatabaseError(error)
                }
            case .putBytes(let item):
                guard item.sizeBytes <= ItemLimits.itemSizeBytes else {
                    throw .validation("Item size has exceeded the maximum allowed size")
                }
                request = .put(item.bytes, sizeBytes: item.sizeBytes)
            case .delete(let key):
                let checked = try version.definition.checkedKey(key)
                do throws(ItemError) {
                    let bytes = try ItemEncoder.encode(checked)
                    request = .delete(PlainKey(bytes: bytes, count: checked.count))
                } catch {
                    throw DatabaseError(error)
                }
            }
            guard let write = try EncodedWrite(request, version) else {
                throw .validation("The item of a system table lacks its key")
            }
            return write
        }
    }

    private(set) var changes: [(table: SystemTable, change: Change)] = []

    /// Nothing to write yet.
    package init() {}

    /// Whether there is nothing to write.
    package var isEmpty: Bool { changes.isEmpty }

    /// Adds an item to be put.
    package mutating func put(_ item: Item, in table: SystemTable) {
        changes.append((table, .put(item)))
    }

    /// Adds an item to be put that is written already.
    package mutating func put(_ item: WrittenItem, in table: SystemTable) {
        changes.append((table, .putBytes(item)))
    }

    /// Adds an item to be deleted, by its key; one that is not there is no error.
    package mutating func delete(_ key: Item, from table: SystemTable) {
        changes.append((table, .delete(key)))
    }

    /// Adds what another layer writes.
    package mutating func append(_ others: SystemWrites) { changes += others.changes }
}

extension Database {
    /// Does writes of system tables together: all or none of them, one record of the log.
    ///
    /// - Parameters:
    ///   - writes: No two of one item.
    ///   - durability: What they survive.
    /// - Throws: `.validation`, `.internalFailure`.
    package func write(
        _ writes: SystemWrites,
        _ durability: Durability = .synced
    ) async throws(DatabaseError) {
        guard !writes.isEmpty else { return }
        try await write(writes.changes, durability) { prepared in
            precondition(
                EncodedWrite.areOfDifferentItems(prepared),
                "a record writes an item once"
            )
        }
    }

    /// Does changes of system tables in their order.
    func write(
        _ changes: [(table: SystemTable, change: SystemWrites.Change)],
        _ durability: Durability,
        _ check: ([EncodedWrite]) -> Void = { _ in }
    ) async throws(DatabaseError) {
        let entered = EnteredSystemTables()
        defer { entered.leave() }
        var prepared: [EncodedWrite] = []
        prepared.reserveCapacity(changes.count)
        for (table, change) in changes {
            let (part, version) = try entered.enter(table.live)
            var write = try change.encoded(version)
            write.part = part
            prepared.append(write)
        }
        check(prepared)
        let writes = prepared
        let outcome: Result<[Tally], ItemError>
        do throws(EngineError) {
            outcome = try await engine.update(owning: writes.map(\.owned), durability) {
                view throws(EngineError) in
                var batch = WriteBatch()
                let changes = try EncodedWrite.decide(writes, view, &batch)
                if case .failure = changes { batch = WriteBatch() }
                return (batch, changes)
            }
        } catch {
            throw DatabaseError(error)
        }
        switch outcome {
        case .success(let changes): entered.note(zip(writes, changes))
        case .failure(let error): throw DatabaseError(damagedItem: error)
        }
    }
}

/// The system tables that one record writes to: each entered once.
///
/// An object, so that little lies in the frame of who waits for the log.
private final class EnteredSystemTables {
    private var entered: [(table: LiveTable, version: TableVersion, change: Tally)] = []

    /// Enters a table, unless that was done; answers which one it is.
    func enter(_ table: LiveTable) throws(DatabaseError) -> (part: Int, version: TableVersion) {
        if let known = entered.firstIndex(where: { $0.table === table }) {
            return (known, entered[known].version)
        }
        let version = try table.enter()
        entered.append((table, version, Tally()))
        return (entered.count - 1, version)
    }

    /// Notes how the tables grow or shrink.
    func note(_ changes: Zip2Sequence<[EncodedWrite], [Tally]>) {
        for (write, change) in changes { entered[write.part].change.combine(with: change) }
    }

    func leave() {
        for (table, version, change) in entered { table.leave(version, change) }
    }
}
