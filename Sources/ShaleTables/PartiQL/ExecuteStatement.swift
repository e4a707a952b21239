internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Runs one statement of PartiQL: reads a page, or writes one item.
    ///
    /// - Throws: `.validation`, `.duplicateItem`, `.conditionalCheckFailed`, `.resourceNotFound`,
    ///   `.internalFailure`.
    public func executeStatement(
        _ request: StatementRequest
    ) async throws(DatabaseError) -> StatementResponse {
        let statement = try Statement(request)
        switch statement {
        case .select(let select): return try await run(select, request)
        case .exists:
            throw .validation("EXISTS can only be used in ExecuteTransaction write requests.")
        case .insert, .update, .delete: return try await write(statement, request)
        }
    }

    private func write(
        _ statement: Statement,
        _ request: StatementRequest
    ) async throws(DatabaseError) -> StatementResponse {
        try await perform(statement.tableName, request.durability) {
            version throws(DatabaseError) in
            try ItemWrite(statement, version, request.returnValuesOnConditionCheckFailure)
        } answer: { _, done throws(DatabaseError) in
            let item = done.attributes(statement.returnValues)
            return StatementResponse(
                items: item.map { [$0] } ?? [],
                consumedCapacity: request.returnConsumedCapacity == .none ? nil : done.consumed
            )
        }
    }
}

extension Statement {
    /// Parses the statement of a request.
    init(_ request: StatementRequest) throws(DatabaseError) {
        do throws(ExpressionError) {
            self = try Statement.parse(request.statement, parameters: request.parameters)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// What a write answers with.
    var returnValues: ReturnValues {
        switch returning {
        case nil: .none
        case .allOld: .allOld
        case .allNew: .allNew
        case .modifiedOld: .updatedOld
        case .modifiedNew: .updatedNew
        }
    }
}
