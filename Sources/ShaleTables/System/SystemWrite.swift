package import ShaleEngine
package import ShaleItems

/// A write of a system table that happens together with writes of the user's tables.
package struct SystemWrite: Sendable {
    enum Change {
        case put(Item)
        case delete(Item)
    }

    let table: SystemTable
    let change: Change

    /// Puts an item in place of the one with its key.
    package static func put(_ item: Item, in table: SystemTable) -> SystemWrite {
        SystemWrite(table: table, change: .put(item))
    }

    /// Deletes the item of a key.
    package static func delete(_ key: Item, in table: SystemTable) -> SystemWrite {
        SystemWrite(table: table, change: .delete(key))
    }

    func write(_ definition: TableDefinition) throws(DatabaseError) -> ItemWrite {
        switch change {
        case .put(let item): try .put(item, definition)
        case .delete(let key): try .delete(key, definition)
        }
    }
}

extension Database {
    /// Does writes of the user's tables, and what a layer notes with them: one record of the log, all or nothing.
    ///
    /// - Parameters:
    ///   - actions: What `transactWriteItems` would do; none is no user's write.
    ///   - notes: Writes of system tables, of different keys.
    ///   - durability: What both survive.
    /// - Throws: as `transactWriteItems`, with a reason for each action.
    package func transact(
        _ actions: [TransactWriteAction],
        noting notes: [SystemWrite],
        _ durability: Durability? = nil
    ) async throws(DatabaseError) {
        if !actions.isEmpty { try TableLimits.checkActions(actions.count) }
        var entered = EnteredTables(catalog)
        defer { entered.leave() }
        let request = TransactWriteItemsRequest(actions)
        var writes = try request.writes(&entered) { followers(of: $0, $1) }
        for note in notes { writes.append(try note.write(entered.enter(system: note.table).definition)) }
        do throws(DatabaseError) {
            _ = try await transact(writes, nil, durability, &entered)
        } catch {
            var told = error
            told.cancellationReasons = error.cancellationReasons.map {
                Array($0.prefix(actions.count))
            }
            throw told
        }
    }
}
