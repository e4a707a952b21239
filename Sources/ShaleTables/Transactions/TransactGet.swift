internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads up to 100 items of any tables as they were at one moment.
    ///
    /// A transaction that writes is seen whole or not at all; nothing is refused for the sake of one under way.
    /// - Throws: `.transactionCanceled` for keys that are not their table's, `.validation`, `.resourceNotFound`,
    ///   `.internalFailure`.
    public func transactGetItems(
        _ request: TransactGetItemsRequest
    ) async throws(DatabaseError) -> TransactGetItemsResponse {
        try TableLimits.checkActions(request.gets.count)
        let projections = try request.projections
        let (keys, gates, usages) = try places(of: request.gets)
        try Self.admit(keys, gates)
        let found: Result<[Item?], DatabaseError>
        do throws(EngineError) {
            found = try await engine.read { view throws(EngineError) in
                try Self.items(keys, view)
            }
        } catch {
            throw DatabaseError(error)
        }
        let items = try found.get()
        for ((key, gate), item) in zip(zip(keys, gates), items) {
            gate?.charge(readOf: key.key, item?.sizeBytes ?? 0, .transactional)
        }
        for (usage, item) in zip(usages, items) {
            usage?.add(.read, CapacityRules.read(itemBytes: item?.sizeBytes ?? 0, .transactional))
        }
        guard items.reduce(0, { $0 + ($1?.sizeBytes ?? 0) }) <= TableLimits.transactionSizeBytes
        else {
            throw .transactionTooLarge
        }
        var response = TransactGetItemsResponse(items: [])
        response.items = zip(items, projections).map { item, projection in
            item.map { projection?.apply(to: $0) ?? $0 }
        }
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity =
                zip(request.gets, items).map { get, item in
                    ConsumedCapacity(
                        tableName: get.tableName,
                        table: CapacityRules.read(itemBytes: item?.sizeBytes ?? 0, .transactional)
                    )
                }.summed
        }
        return response
    }

    /// Where the items are, and what limits and counts their reads.
    private func places(
        of gets: [TransactGet]
    ) throws(DatabaseError) -> (keys: [OwnedKey], gates: [CapacityGate?], usages: [UsageCounters?])
    {
        var keys: [OwnedKey] = []
        var gates: [CapacityGate?] = []
        var usages: [UsageCounters?] = []
        var reasons: [CancellationReason] = []
        for get in gets {
            let version = try catalog.table(get.tableName).version
            let table = version.definition
            do throws(DatabaseError) {
                let key = table.entryKey(try table.checkedKey(get.key))
                keys.append(OwnedKey(table.engineTable.id, key))
                reasons.append(.none)
            } catch {
                guard !table.fits(key: get.key) else { throw error }
                reasons.append(CancellationReason(error))
            }
            gates.append(version.gate)
            usages.append(version.usage)
        }
        guard Set(keys).count == keys.count else { throw TableLimits.oneItemTwice }
        guard keys.count == reasons.count else { throw .canceled(reasons) }
        return (keys, gates, usages)
    }

    /// Asks for capacity for all reads; takes nothing where any is refused.
    private static func admit(
        _ keys: [OwnedKey],
        _ gates: [CapacityGate?]
    ) throws(DatabaseError) {
        var reasons: [CancellationReason] = []
        for (key, gate) in zip(keys, gates) {
            do throws(DatabaseError) {
                try gate?.admit(readOf: key.key, .transactional)
                reasons.append(.none)
            } catch {
                reasons.append(CancellationReason(error))
            }
        }
        guard reasons.contains(where: { $0.code != .none }) else { return }
        for ((key, gate), reason) in zip(zip(keys, gates), reasons) where reason.code == .none {
            gate?.giveBack(readOf: key.key, .transactional)
        }
        throw .canceled(reasons)
    }

    private static func items(
        _ keys: [OwnedKey],
        _ view: ReadView
    ) throws(EngineError) -> Result<[Item?], DatabaseError> {
        var items: [Item?] = []
        for key in keys {
            let bytes = try view.get(key.table, key.key)
            do throws(DatabaseError) {
                items.append(
                    try bytes.map { (bytes) throws(DatabaseError) in try StoredItem.decode(bytes) }
                )
            } catch {
                return .failure(error)
            }
        }
        return .success(items)
    }
}

extension TransactGetItemsRequest {
    /// What each read returns of its item; nil where it is all.
    fileprivate var projections: [Projection?] {
        get throws(DatabaseError) {
            var projections: [Projection?] = []
            for get in gets {
                var reader = try ExpressionReader(ExpressionAttributes(names: get.names))
                let projection = try reader.projection(get.projection)
                try reader.finish(hasExpressions: projection != nil)
                projections.append(projection)
            }
            return projections
        }
    }
}
