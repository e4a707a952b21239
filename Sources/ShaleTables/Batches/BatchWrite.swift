internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

extension Database {
    /// Writes up to 25 items of any tables, each on its own, with one sync for all.
    ///
    /// All are checked before the first is written. When the storage fails in between, some may have
    /// been written; doing it again does no harm.
    /// - Throws: `.validation`, `.resourceNotFound`, `.internalFailure`.
    public func batchWriteItem(
        _ request: BatchWriteItemRequest
    ) async throws(DatabaseError) -> BatchWriteItemResponse {
        try checkCounts(request)
        var parts: [TableWrites] = []
        defer { for part in parts { part.table.leave(part.version, part.tallies) } }
        for (tableName, writes) in request.requestItems {
            let table = try catalog.table(tableName)
            parts.append(TableWrites(table: table, version: try table.enter()))
            try parts[parts.count - 1].add(
                writes,
                followers(of: table, parts[parts.count - 1].version)
            )
        }
        let durability = request.durability ?? options.durability
        var last = LogPosition.zero
        for index in parts.indices {
            for write in parts[index].writes {
                let staged: Staged<Result<ItemWrite.Outcome, DatabaseError>>
                do throws(EngineError) {
                    staged = try await engine.stage(owning: [write.owned], durability) {
                        view throws(EngineError) in
                        try write.decide(view)
                    }
                } catch {
                    throw DatabaseError(error)
                }
                last = max(last, staged.position)
                parts[index].take(try staged.answer.get())
            }
        }
        do throws(EngineError) {
            try await engine.settle(last)
        } catch {
            throw DatabaseError(error)
        }
        var response = BatchWriteItemResponse(unprocessedItems: [])
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity = parts.map(\.consumed)
        }
        if request.returnItemCollectionMetrics == .size {
            var metrics: [(tableName: String, metrics: [ItemCollectionMetrics])] = []
            for part in parts {
                let keys = part.writes.map(\.key)
                let found = try await collectionMetrics(of: part.version.definition, keys)
                if !found.isEmpty { metrics.append((part.table.name, found)) }
            }
            response.itemCollectionMetrics = metrics
        }
        return response
    }

    private func checkCounts(_ request: BatchWriteItemRequest) throws(DatabaseError) {
        let count = request.requestItems.reduce(0) { $0 + $1.writes.count }
        guard count <= TableLimits.writesPerBatch else {
            throw .validation("Too many items requested for the BatchWriteItem call")
        }
        guard !request.requestItems.isEmpty,
            request.requestItems.allSatisfy({ !$0.writes.isEmpty })
        else {
            throw .validation(
                "1 validation error detected: Value at 'requestItems' failed to satisfy "
                    + "constraint: Member must have length greater than or equal to 1"
            )
        }
    }
}

/// The writes of a batch to one table, checked, and what they did so far.
private struct TableWrites {
    let table: LiveTable
    let version: TableVersion
    var writes: [ItemWrite] = []
    var tallies: [(table: TableID, change: Tally)] = []
    var consumed: ConsumedCapacity

    init(table: LiveTable, version: TableVersion) {
        self.table = table
        self.version = version
        consumed = ConsumedCapacity(tableName: table.name)
    }

    mutating func add(
        _ given: [BatchWrite],
        _ followers: WriteFollowers?
    ) throws(DatabaseError) {
        var keys: Set<EntryKey> = []
        for write in given {
            var checked =
                switch write {
                case .put(let item): try ItemWrite.put(item, version.definition)
                case .delete(let key): try ItemWrite.delete(key, version.definition)
                }
            guard keys.insert(checked.entryKey).inserted else {
                throw .validation("Provided list of item keys contains duplicates")
            }
            checked.followers = followers
            writes.append(checked)
        }
    }

    mutating func take(_ outcome: ItemWrite.Outcome) {
        tallies += outcome.tallies
        consumed.add(outcome.consumed)
    }
}
