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
        let token = try request.checkedToken()
        try TableLimits.checkActions(request.actions.count)
        var entered = EnteredTables(catalog)
        defer { entered.leave() }
        let writes = try request.writes(&entered) { followers(of: $0, $1) }
        let transaction = Transaction(
            writes: writes,
            token: token,
            tokens: catalog.tokens,
            milliseconds: world.time.wallMilliseconds
        )
        let decided: Result<Transaction.Outcome, DatabaseError>
        do throws(EngineError) {
            if token != nil {
                try await catalog.tokens.prepare(at: transaction.milliseconds, engine, catalog)
            }
            decided = try await engine.update(
                owning: transaction.owned,
                request.durability ?? options.durability
            ) { view throws(EngineError) in
                try transaction.decide(view)
            }
        } catch {
            throw DatabaseError(error)
        }
        var response = TransactWriteItemsResponse()
        let consumed: [ConsumedCapacity]
        switch try decided.get() {
        case .done(let outcomes):
            for (write, outcome) in zip(writes, outcomes) {
                entered.count(outcome.tallies, in: write.table.name)
            }
            consumed = outcomes.map(\.consumed)
        case .repeated(let reads):
            response.wasRepeated = true
            consumed = reads
        }
        if request.returnConsumedCapacity != .none { response.consumedCapacity = consumed.summed }
        if request.returnItemCollectionMetrics == .size {
            response.itemCollectionMetrics = try await collectionMetrics(of: writes)
        }
        return response
    }
}

extension Database {
    /// Item collections of the tables that a transaction writes to.
    private func collectionMetrics(
        of writes: [ItemWrite]
    ) async throws(DatabaseError) -> [(tableName: String, metrics: [ItemCollectionMetrics])] {
        var tables: [(table: TableDefinition, keys: [Item])] = []
        for write in writes {
            if let place = tables.firstIndex(where: { $0.table.name == write.table.name }) {
                tables[place].keys.append(write.key)
            } else {
                tables.append((write.table, [write.key]))
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

extension TransactWriteItemsRequest {
    /// The token's bytes and what they stand for.
    fileprivate func checkedToken() throws(DatabaseError) -> Transaction.Token? {
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
            return Transaction.Token(bytes: bytes, digest: try TransactionDigest(actions))
        } catch {
            throw DatabaseError(error)
        }
    }

    /// The actions, parsed and checked against their tables.
    fileprivate func writes(
        _ entered: inout EnteredTables,
        _ followers: (LiveTable, TableVersion) -> WriteFollowers?
    ) throws(DatabaseError) -> [ItemWrite] {
        var parsed: [ParsedAction] = []
        for action in actions { parsed.append(try ParsedAction(action)) }
        var writes: [ItemWrite] = []
        var keys: Set<OwnedKey> = []
        for action in parsed {
            let (table, version) = try entered.enter(action.given.tableName)
            var write = try action.write(version.definition)
            write.followers = followers(table, version)
            guard keys.insert(write.owned).inserted else {
                throw TableLimits.oneItemTwice
            }
            writes.append(write)
        }
        return writes
    }
}

extension TableLimits {
    static let oneItemTwice = DatabaseError.validation(
        "Transaction request cannot include multiple operations on one item"
    )

    /// Refuses a transaction of no or too many actions.
    static func checkActions(_ count: Int) throws(DatabaseError) {
        guard !transactionActions.contains(count) else { return }
        let rule =
            count < transactionActions.lowerBound
            ? "greater than or equal to \(transactionActions.lowerBound)"
            : "less than or equal to \(transactionActions.upperBound)"
        throw .validation(
            "1 validation error detected: Value '[\(count) members]' at 'transactItems' failed to satisfy "
                + "constraint: Member must have length \(rule)"
        )
    }
}
