internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Runs up to 25 statements, all reads or all writes, each on its own.
    ///
    /// Reads see one moment; writes are done in the order of the request, with one sync for all. What is wrong
    /// with one statement stands in its answer and stops no other.
    /// - Throws: `.validation` for a batch that is none, `.internalFailure`.
    public func batchExecuteStatement(
        _ request: BatchStatementRequest
    ) async throws(DatabaseError) -> BatchStatementResponse {
        guard (1...TableLimits.statementsPerBatch).contains(request.members.count) else {
            throw .validation(
                "1 validation error detected: Value at 'statements' failed to satisfy constraint: "
                    + "Member must have length between 1 and \(TableLimits.statementsPerBatch)"
            )
        }
        var batch = StatementBatch(count: request.members.count)
        var statements: [(index: Int, statement: Statement, request: StatementRequest)] = []
        for (index, member) in request.members.enumerated() {
            do throws(DatabaseError) {
                switch member {
                case .refused(let error): throw error
                case .statement(let given):
                    statements.append((index, try Statement(given), given))
                }
            } catch {
                batch.answers[index].error = error
            }
        }
        let reads = statements.count { $0.statement.isRead }
        guard reads == 0 || reads == statements.count else {
            throw .validation(
                "BatchExecuteStatement API does not support both read and write operations in the "
                    + "same request."
            )
        }
        if reads > 0 {
            try await read(statements, &batch)
        } else {
            try await write(statements, request.durability ?? options.durability, &batch)
        }
        return BatchStatementResponse(
            answers: batch.answers,
            consumedCapacity: request.returnConsumedCapacity == .none || batch.consumed.isEmpty
                ? nil : batch.consumed.summed
        )
    }

    private func read(
        _ statements: [(index: Int, statement: Statement, request: StatementRequest)],
        _ batch: inout StatementBatch
    ) async throws(DatabaseError) {
        var reads: [SelectInBatch] = []
        for (index, statement, request) in statements {
            guard case .select(let select) = statement else { continue }
            do throws(DatabaseError) {
                let version = try catalog.table(select.tableName).version
                let table = version.definition
                let plan = try SelectPlan(select, table)
                guard plan.readsOneItem else {
                    throw .validation(
                        "Select statements within BatchExecuteStatement must specify the primary key "
                            + "in the where clause."
                    )
                }
                let consistency: CapacityRules.Consistency =
                    request.consistentRead ? .strong : .eventual
                let read = SelectRead(plan: plan, limit: .max, consistency: consistency)
                let admission = try read.admit(version.gate)
                reads.append(SelectInBatch(index, select, read, admission, version.usage))
            } catch {
                batch.answers[index].error = error
            }
        }
        let all = reads.map(\.read)
        let result: Result<[SelectRead.Page], DatabaseError>
        do throws(EngineError) {
            result = try await engine.read { view throws(EngineError) in
                var pages: [SelectRead.Page] = []
                for read in all {
                    switch try read.run(view) {
                    case .success(let page): pages.append(page)
                    case .failure(let error): return .failure(error)
                    }
                }
                return .success(pages)
            }
        } catch {
            throw DatabaseError(error)
        }
        for (each, page) in zip(reads, try result.get()) {
            batch.answers[each.index].tableName = each.select.tableName
            batch.answers[each.index].item = page.items.first.map(each.select.answer)
            batch.consumed.append(page.consumed)
            each.admission?.charge(page.consumed)
            each.usage?.add(.read, page.consumed)
        }
    }

    private func write(
        _ statements: [(index: Int, statement: Statement, request: StatementRequest)],
        _ durability: Durability,
        _ batch: inout StatementBatch
    ) async throws(DatabaseError) {
        var entered: [(table: LiveTable, version: TableVersion, outcome: ItemWrite.Outcome?)] = []
        defer {
            for each in entered { each.table.leave(each.version, each.outcome?.tallies ?? []) }
        }
        var last = LogPosition.zero
        for (index, statement, request) in statements {
            do throws(DatabaseError) {
                guard !statement.isExists else {
                    throw .validation(
                        "EXISTS can only be used in ExecuteTransaction write requests."
                    )
                }
                let table = try catalog.table(statement.tableName)
                let version = try table.enter()
                entered.append((table, version, nil))
                let place = entered.count - 1
                var write = try ItemWrite(
                    statement,
                    version,
                    request.returnValuesOnConditionCheckFailure
                )
                write.followers = followers(of: table, version)
                write.gate = version.gate
                write.usage = version.usage
                batch.answers[index].tableName = statement.tableName
                try write.admit()
                let staged = try await stage(write, durability)
                last = max(last, staged.position)
                write.charge(staged.answer)
                let outcome = try staged.answer.get()
                entered[place].outcome = outcome
                batch.answers[index].item = outcome.attributes(statement.returnValues)
                batch.consumed.append(outcome.consumed)
            } catch {
                // What befalls the storage befalls all that follow.
                guard error.engine == nil else { throw error }
                batch.answers[index].error = error
            }
        }
        do throws(EngineError) {
            try await engine.settle(last)
        } catch {
            throw DatabaseError(error)
        }
    }

    private func stage(
        _ write: ItemWrite,
        _ durability: Durability
    ) async throws(DatabaseError) -> Staged<Result<ItemWrite.Outcome, DatabaseError>> {
        do throws(EngineError) {
            return try await engine.stage(
                owning: [write.owned],
                durability,
                waitingAtMost: options.longestWriteWait
            ) { view throws(EngineError) in
                try write.decide(view)
            }
        } catch {
            if error.code == .overloaded { write.giveBack() }
            throw DatabaseError(error)
        }
    }
}

extension Statement {
    /// Whether it is the condition of a transaction.
    var isExists: Bool {
        if case .exists = self { true } else { false }
    }
}

/// One `SELECT` of a batch, ready to be read.
private struct SelectInBatch {
    let index: Int
    let select: SelectStatement
    let read: SelectRead
    let admission: PageAdmission?
    let usage: UsageCounters?

    init(
        _ index: Int,
        _ select: SelectStatement,
        _ read: SelectRead,
        _ admission: PageAdmission?,
        _ usage: UsageCounters?
    ) {
        self.index = index
        self.select = select
        self.read = read
        self.admission = admission
        self.usage = usage
    }
}

/// The answers of a batch as they come in.
private struct StatementBatch {
    var answers: [BatchStatementResponse.Answer]
    /// Of each statement that succeeded.
    var consumed: [ConsumedCapacity] = []

    init(count: Int) {
        answers = Array(repeating: BatchStatementResponse.Answer(), count: count)
    }
}
