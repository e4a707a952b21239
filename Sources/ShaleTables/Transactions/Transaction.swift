internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

/// Writes that happen together or not at all, checked as far as they can be without the items that are there.
///
/// `decide` is pure: the engine may call it twice. All actions are judged, so that each has its reason.
struct Transaction: Sendable {
    /// What makes a repetition do nothing.
    struct Token: Sendable {
        var bytes: [UInt8]
        var digest: TransactionDigest
    }

    enum Outcome: Sendable {
        /// What each action did; behind them what the mark did, where there is one.
        case done([ItemWrite.Outcome])
        /// Why it did not happen, and what came of each action.
        case canceled([CancellationReason], [Result<ItemWrite.Outcome, DatabaseError>])
        /// It had been done before; what it costs to look at its items.
        case repeated([ConsumedCapacity])
    }

    let writes: [ItemWrite]
    let token: Token?
    let tokens: TokenTables
    let milliseconds: Int64
    /// What makes a repetition by a layer above do nothing.
    var mark: WriteMark?

    /// The items, and the token.
    var owned: [OwnedKey] {
        writes.map(\.owned) + (token.map { [tokens.owned($0.bytes)] } ?? [])
            + (mark.map { [$0.owned] } ?? [])
    }

    func decide(
        _ view: ReadView
    ) throws(EngineError) -> (WriteBatch, Result<Outcome, DatabaseError>) {
        var batch = WriteBatch()
        if let mark, try mark.answer(view) != nil {
            return (batch, .success(.repeated(try reads(view))))
        }
        if let token, let generations = tokens.now {
            if let mark = try generations.mark(of: token.bytes, at: milliseconds, view) {
                guard mark.digest == token.digest else { return (batch, .failure(.tokenMismatch)) }
                return (batch, .success(.repeated(try reads(view))))
            }
            let mark = TokenMark(
                untilMilliseconds: milliseconds + TableLimits.tokenMilliseconds,
                digest: token.digest
            )
            let table = generations.current
            batch.put(table.id, table.key(partition: token.bytes), mark.bytes)
        }
        var outcomes: [ItemWrite.Outcome] = []
        var results: [Result<ItemWrite.Outcome, DatabaseError>] = []
        var reasons: [CancellationReason] = []
        var size = 0
        for write in writes {
            let (part, outcome) = try write.decide(view)
            results.append(outcome)
            switch outcome {
            case .success(let outcome):
                size += (outcome.new ?? outcome.old)?.sizeBytes ?? 0
                batch.append(part)
                outcomes.append(outcome)
                reasons.append(.none)
            case .failure(let error):
                if let engine = error.engine { throw engine }
                reasons.append(CancellationReason(error))
            }
        }
        guard outcomes.count == writes.count else {
            return (WriteBatch(), .success(.canceled(reasons, results)))
        }
        guard size <= TableLimits.transactionSizeBytes else {
            return (WriteBatch(), .failure(.transactionTooLarge))
        }
        if let mark {
            let (part, marked) = try mark.decide(nil, view)
            switch marked {
            case .failure(let error): return (WriteBatch(), .failure(error))
            case .success(let made): outcomes.append(made)
            }
            batch.append(part)
        }
        return (batch, .success(.done(outcomes)))
    }

    private func reads(_ view: ReadView) throws(EngineError) -> [ConsumedCapacity] {
        var reads: [ConsumedCapacity] = []
        for write in writes {
            let bytes = try view.get(write.version.engineTable.id, write.entryKey)
            let size: Int
            do throws(ItemError) {
                size =
                    try bytes.map { (bytes) throws(ItemError) in try ItemDecoder.decode(bytes) }?
                    .sizeBytes ?? 0
            } catch {
                throw EngineError(.corrupted, "item: \(error.description)")
            }
            reads.append(
                ConsumedCapacity(
                    tableName: write.version.definition.name,
                    table: CapacityRules.read(itemBytes: size, .transactional)
                )
            )
        }
        return reads
    }
}

extension CancellationReason {
    /// Why a write failed that was decided.
    init(_ error: DatabaseError) {
        let code: Code =
            switch error.code {
            case .conditionalCheckFailed: .conditionalCheckFailed
            case .duplicateItem: .duplicateItem
            case .throughputExceeded: .throughputExceeded
            case .throttled: .throttled
            default: .validationError
            }
        self.init(code, error.message, item: error.item)
        throttling = error.throttlingReasons?.first
    }
}

extension DatabaseError {
    fileprivate static let tokenMismatch = DatabaseError(
        .idempotentParameterMismatch,
        "The request uses the same client token as a previous, but non-identical request. Do not reuse a client "
            + "token with different requests, unless the requests are identical."
    )

    static let transactionTooLarge = DatabaseError.validation(
        "The aggregate size of the items of a transaction cannot exceed 4 MB"
    )
}

extension [ConsumedCapacity] {
    /// One for each table, in the order in which they are first named.
    var summed: [ConsumedCapacity] {
        var sums: [ConsumedCapacity] = []
        var places: [String: Int] = [:]
        for each in self {
            if let place = places[each.tableName] {
                sums[place].add(each)
            } else {
                places[each.tableName] = sums.count
                sums.append(each)
            }
        }
        return sums
    }
}
