internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Runs up to 100 statements together: reads as of one moment, or writes of which all happen or none.
    ///
    /// A statement `EXISTS(SELECT …)` writes nothing: what its `WHERE` says besides the key must hold.
    /// - Throws: `.transactionCanceled` with a reason for each statement, `.idempotentParameterMismatch`,
    ///   `.validation`, `.resourceNotFound`, `.internalFailure`.
    public func executeTransaction(
        _ request: TransactStatementsRequest
    ) async throws(DatabaseError) -> TransactStatementsResponse {
        try TableLimits.checkActions(request.statements.count, at: "transactStatements")
        let statements = try request.parsed()
        let reads = statements.count(where: \.isRead)
        guard reads == 0 || reads == statements.count else {
            throw .validation(
                "ExecuteTransaction API does not support both read and write operations in the same "
                    + "request."
            )
        }
        return reads > 0
            ? try await read(statements, request) : try await write(statements, request)
    }

    private func write(
        _ statements: [Statement],
        _ request: TransactStatementsRequest
    ) async throws(DatabaseError) -> TransactStatementsResponse {
        let token = try Transaction.Token.checked(request.clientRequestToken) {
            () throws(ItemError) in
            try TransactionDigest(request.statements)
        }
        var entered = EnteredTables(catalog)
        defer { entered.leave() }
        var writes: [ItemWrite] = []
        var keys: Set<OwnedKey> = []
        for (index, statement) in statements.enumerated() {
            let (table, version) = try entered.enter(statement.tableName)
            var write = try inStatement(index) { () throws(DatabaseError) in
                try ItemWrite(
                    statement,
                    version,
                    request.statements[index].returnValuesOnConditionCheckFailure
                )
            }
            write.followers = followers(of: table, version)
            write.gate = version.gate
            write.usage = version.usage
            write.mode = .transactional
            guard keys.insert(write.owned).inserted else { throw TableLimits.oneItemTwice }
            writes.append(write)
        }
        let done = try await transact(writes, token, request.durability, &entered)
        var response = TransactStatementsResponse()
        response.isRead = done.wasRepeated
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity = done.consumed.summed
        }
        return response
    }

    private func read(
        _ statements: [Statement],
        _ request: TransactStatementsRequest
    ) async throws(DatabaseError) -> TransactStatementsResponse {
        var selects: [SelectStatement] = []
        var gets: [TransactGet] = []
        var reasons: [CancellationReason] = []
        for (index, statement) in statements.enumerated() {
            guard case .select(let select) = statement else { continue }
            let table = try catalog.table(select.tableName).definition
            let key = try inStatement(index) { () throws(DatabaseError) in
                try select.exactKey(table)
            }
            selects.append(select)
            gets.append(TransactGet(tableName: select.tableName, key: key))
            do throws(DatabaseError) {
                try table.checkTypes(key)
                reasons.append(.none)
            } catch {
                reasons.append(CancellationReason(error))
            }
        }
        guard reasons.allSatisfy({ $0.code == .none }) else { throw .canceled(reasons) }
        var get = TransactGetItemsRequest(gets)
        get.returnConsumedCapacity = request.returnConsumedCapacity
        let found = try await transactGetItems(get)
        return TransactStatementsResponse(
            items: zip(selects, found.items).map { select, item in item.map(select.answer) },
            consumedCapacity: found.consumedCapacity,
            isRead: true
        )
    }
}

/// Runs `body`, whose validation errors are those of one statement.
private func inStatement<Answer>(
    _ index: Int,
    _ body: () throws(DatabaseError) -> Answer
) throws(DatabaseError) -> Answer {
    do throws(DatabaseError) {
        return try body()
    } catch {
        guard error.code == .validation else { throw error }
        throw .validation(
            "Validation failed in TransactStatements[\(index)]: \(error.message)"
        )
    }
}

extension TransactStatementsRequest {
    /// The statements, in which nothing is wrong that can be seen without tables.
    fileprivate func parsed() throws(DatabaseError) -> [Statement] {
        // What is wrong with a parameter is wrong with the request, and comes first.
        for statement in statements {
            for parameter in statement.parameters {
                do throws(ItemError) {
                    try parameter.validate()
                } catch {
                    throw DatabaseError(error)
                }
            }
        }
        var parsed: [Statement] = []
        for (index, given) in statements.enumerated() {
            let statement = try inStatement(index) { () throws(DatabaseError) in
                let statement = try Statement(given)
                guard statement.returning == nil else {
                    throw .validation(
                        "RETURNING clause is not supported in ExecuteTransaction."
                    )
                }
                try statement.refuseIndex()
                return statement
            }
            parsed.append(statement)
        }
        return parsed
    }
}

extension Statement {
    fileprivate func refuseIndex() throws(DatabaseError) {
        switch self {
        case .select(let select), .exists(let select):
            guard select.indexName == nil else {
                throw .validation("Reads on indices are not supported within transactions.")
            }
        case .insert, .update, .delete: return
        }
    }
}

extension SelectStatement {
    /// The key of the one item that a transaction reads, of whatever types.
    fileprivate func exactKey(_ table: TableDefinition) throws(DatabaseError) -> Item {
        let keyed = KeyedCondition(condition, table.key)
        guard let key = keyed.exactKey(table.key), keyed.rest == nil else {
            throw .validation(
                "Select statements within ExecuteTransaction must specify the primary key in the "
                    + "where clause."
            )
        }
        return key
    }
}
