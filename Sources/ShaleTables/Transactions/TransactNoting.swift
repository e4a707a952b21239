package import ShaleEngine

extension Database {
    /// Does writes of the user's tables, and what a layer notes with them: one record of the log, all or nothing.
    ///
    /// - Parameters:
    ///   - actions: What `transactWriteItems` would do; none is no user's write.
    ///   - notes: Writes of system tables, no two of one item.
    ///   - durability: What both survive; nil is the database's choice.
    /// - Throws: as `transactWriteItems`, with a reason for each action.
    package func transact(
        _ actions: [TransactWriteAction],
        noting notes: SystemWrites,
        _ durability: Durability? = nil
    ) async throws(DatabaseError) {
        if !actions.isEmpty { try TableLimits.checkActions(actions.count) }
        var entered = EnteredTables(catalog)
        defer { entered.leave() }
        let request = TransactWriteItemsRequest(actions)
        var writes = try request.writes(&entered) { followers(of: $0, $1) }
        for (table, change) in notes.changes {
            writes.append(try change.write(entered.enter(system: table)))
        }
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
