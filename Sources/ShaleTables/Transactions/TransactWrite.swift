internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

extension Database {
    /// Does up to 100 writes of any tables together: all or none of them, visible at once, and one record of the log,
    /// so whole or absent after a crash.
    ///
    /// It owns the keys of all its items while it decides, in one order for everybody: transactions and single writes
    /// that meet come one after the other, and none is refused for the other's sake.
    /// - Throws: `.transactionCanceled` with a reason for each action, `.idempotentParameterMismatch`, `.validation`,
    ///   `.resourceNotFound`, `.internalFailure`.
    public func transactWriteItems(
        _ request: TransactWriteItemsRequest
    ) async throws(DatabaseError) -> TransactWriteItemsResponse {
        let token = try Transaction.Token.checked(request.clientRequestToken) {
            () throws(ItemError) in
            try TransactionDigest(request.actions)
        }
        try TableLimits.checkActions(request.actions.count)
        var entered = EnteredTables(catalog)
        defer { entered.leave() }
        let writes = try request.writes(&entered) { followers(of: $0, $1) }
        let done = try await transact(writes, token, request.durability, &entered)
        var response = TransactWriteItemsResponse()
        response.wasRepeated = done.wasRepeated
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity = done.consumed.summed
        }
        if request.returnItemCollectionMetrics == .size {
            response.itemCollectionMetrics = try await collectionMetrics(of: writes)
        }
        return response
    }

    /// Does writes of tables that were entered: all or none.
    func transact(
        _ writes: [ItemWrite],
        _ token: Transaction.Token?,
        _ durability: Durability?,
        _ entered: inout EnteredTables
    ) async throws(DatabaseError) -> (consumed: [ConsumedCapacity], wasRepeated: Bool) {
        let transaction = Transaction(
            writes: writes,
            token: token,
            tokens: catalog.tokens,
            milliseconds: world.time.wallMilliseconds,
            mark: WriteMark.current
        )
        try transaction.admit()
        let decided: Result<Transaction.Outcome, DatabaseError>
        do throws(EngineError) {
            if token != nil {
                try await catalog.tokens.prepare(at: transaction.milliseconds, engine, catalog)
            }
            decided = try await engine.update(
                owning: transaction.owned,
                durability ?? options.durability,
                waitingAtMost: options.longestWriteWait
            ) { view throws(EngineError) in
                try transaction.decide(view)
            }
        } catch {
            if error.code == .overloaded { for write in writes { write.giveBack() } }
            throw DatabaseError(error)
        }
        transaction.charge(decided)
        switch try decided.get() {
        case .canceled(let reasons, _): throw .canceled(reasons)
        case .done(let outcomes):
            for (write, outcome) in zip(writes, outcomes) {
                entered.count(outcome.tallies, in: write.version.definition.name)
            }
            if let mark = transaction.mark { try mark.count(outcomes.last?.tallies ?? []) }
            return (outcomes.prefix(writes.count).map(\.consumed), false)
        case .repeated(let reads): return (reads, true)
        }
    }
}

extension Database {
    /// Item collections of the tables that a transaction writes to.
    private func collectionMetrics(
        of writes: [ItemWrite]
    ) async throws(DatabaseError) -> [(tableName: String, metrics: [ItemCollectionMetrics])] {
        var tables: [(table: TableDefinition, keys: [Item])] = []
        for write in writes {
            if let place = tables.firstIndex(where: {
                $0.table.name == write.version.definition.name
            }) {
                tables[place].keys.append(write.key)
            } else {
                tables.append((write.version.definition, [write.key]))
            }
        }
        var metrics: [(tableName: String, metrics: [ItemCollectionMetrics])] = []
        for (table, keys) in tables {
            let found = try await collectionMetrics(of: table, keys)
            if !found.isEmpty { metrics.append((table.name, found)) }
        }
        return metrics
    }
}

extension Transaction.Token {
    /// A token's bytes and what they stand for; nil where there is none.
    static func checked(
        _ clientRequestToken: String?,
        _ digest: () throws(ItemError) -> TransactionDigest
    ) throws(DatabaseError) -> Transaction.Token? {
        guard let clientRequestToken else { return nil }
        let bytes = Array(clientRequestToken.utf8)
        let limits = TableLimits.tokenSizeBytes
        guard limits.contains(bytes.count) else {
            let rule =
                bytes.isEmpty
                ? "greater than or equal to \(limits.lowerBound)"
                : "less than or equal to \(limits.upperBound)"
            throw .validation(
                "1 validation error detected: Value '\(clientRequestToken.prefix(64))' at "
                    + "'clientRequestToken' failed to satisfy constraint: Member must have length \(rule)"
            )
        }
        do throws(ItemError) {
            return Transaction.Token(bytes: bytes, digest: try digest())
        } catch {
            throw DatabaseError(error)
        }
    }
}

extension TransactWriteItemsRequest {
    /// The actions, parsed and checked against their tables.
    ///
    /// - Throws: `.transactionCanceled` for keys that are not their table's, `.validation`, `.resourceNotFound`.
    func writes(
        _ entered: inout EnteredTables,
        _ followers: (LiveTable, TableVersion) -> WriteFollowers?
    ) throws(DatabaseError) -> [ItemWrite] {
        var parsed: [ParsedAction] = []
        for action in actions { parsed.append(try ParsedAction(action)) }
        var writes: [ItemWrite] = []
        var keys: Set<OwnedKey> = []
        var reasons: [CancellationReason] = []
        for action in parsed {
            let (table, version) = try entered.enter(action.given.tableName)
            var write: ItemWrite
            do throws(DatabaseError) {
                write = try action.write(version)
                reasons.append(.none)
            } catch {
                guard !action.fits(version.definition) else { throw error }
                reasons.append(CancellationReason(error))
                continue
            }
            write.followers = followers(table, version)
            write.gate = version.gate
            write.usage = version.usage
            guard keys.insert(write.owned).inserted else {
                throw TableLimits.oneItemTwice
            }
            writes.append(write)
        }
        guard writes.count == reasons.count else { throw .canceled(reasons) }
        return writes
    }
}

extension TableLimits {
    static let oneItemTwice = DatabaseError.validation(
        "Transaction request cannot include multiple operations on one item"
    )

    /// Refuses a transaction of no or too many actions.
    static func checkActions(
        _ count: Int,
        at path: String = "transactItems"
    ) throws(DatabaseError) {
        guard !transactionActions.contains(count) else { return }
        let rule =
            count < transactionActions.lowerBound
            ? "greater than or equal to \(transactionActions.lowerBound)"
            : "less than or equal to \(transactionActions.upperBound)"
        throw .validation(
            "1 validation error detected: Value '[\(count) members]' at '\(path)' failed to satisfy "
                + "constraint: Member must have length \(rule)"
        )
    }
}
