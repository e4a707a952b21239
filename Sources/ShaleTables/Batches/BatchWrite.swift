internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

extension Database {
    /// Writes up to 25 items of any tables, each on its own, with one sync for all.
    ///
    /// What there is no capacity for is not written, and named in the answer. All are checked before the first is written. When the storage fails in between, some may have
    /// been written; doing it again does no harm.
    /// - Throws: `.validation`, `.resourceNotFound`, `.internalFailure`; `.throughputExceeded` or `.throttled` when there is
    ///   capacity for nothing.
    public func batchWriteItem(
        _ request: BatchWriteItemRequest
    ) async throws(DatabaseError) -> BatchWriteItemResponse {
        try checkCounts(request)
        var parts: [TableWrites] = []
        var keys: Set<OwnedKey> = []
        defer { for part in parts { part.table.leave(part.version, part.tallies) } }
        let names = request.shownNames ?? request.requestItems.map(\.tableName)
        for ((tableName, writes), name) in zip(request.requestItems, names) {
            let table = try catalog.table(tableName)
            parts.append(TableWrites(table: table, version: try table.enter(), shownName: name))
            try parts[parts.count - 1].add(
                writes,
                followers(of: table, parts[parts.count - 1].version),
                &keys
            )
        }
        try await write(&parts, request.durability ?? options.durability)
        // Where nothing at all could be written the whole request is refused.
        if parts.allSatisfy({ $0.refused.count == $0.writes.count }),
            let refusal = parts.compactMap(\.refusal).first
        {
            throw refusal
        }
        return try await respond(request, parts)
    }

    private func write(
        _ parts: inout [TableWrites],
        _ durability: Durability
    ) async throws(DatabaseError) {
        var last = LogPosition.zero
        for index in parts.indices {
            for place in parts[index].writes.indices {
                let write = parts[index].writes[place]
                guard parts[index].admit(place) else { continue }
                let staged: Staged<Result<ItemWrite.Outcome, DatabaseError>>
                do throws(EngineError) {
                    staged = try await engine.stage(
                        owning: [write.owned],
                        durability,
                        waitingAtMost: options.longestWriteWait
                    ) { view throws(EngineError) in
                        try write.decide(view)
                    }
                } catch {
                    guard error.code == .overloaded else { throw DatabaseError(error) }
                    write.giveBack()
                    try parts[index].take(.failure(DatabaseError(error)), of: place)
                    continue
                }
                last = max(last, staged.position)
                write.charge(staged.answer)
                try parts[index].take(staged.answer, of: place)
            }
        }
        do throws(EngineError) {
            try await engine.settle(last)
        } catch {
            throw DatabaseError(error)
        }
    }

    private func respond(
        _ request: BatchWriteItemRequest,
        _ parts: [TableWrites]
    ) async throws(DatabaseError) -> BatchWriteItemResponse {
        var response = BatchWriteItemResponse(unprocessedItems: [])
        for (part, given) in zip(parts, request.requestItems) where !part.refused.isEmpty {
            let writes = part.refused.map { given.writes[$0] }
            response.unprocessedItems.append((part.shownName, writes))
        }
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity = parts.map(\.consumed)
        }
        if request.returnItemCollectionMetrics == .size {
            var metrics: [(tableName: String, metrics: [ItemCollectionMetrics])] = []
            for part in parts {
                let keys = part.writes.map(\.key)
                let found = try await collectionMetrics(of: part.version.definition, keys)
                if !found.isEmpty { metrics.append((part.shownName, found)) }
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
    /// What the answer calls the table.
    let shownName: String
    var writes: [ItemWrite] = []
    var tallies: [(table: TableID, change: Tally)] = []
    var consumed: ConsumedCapacity
    /// Writes, by their places, that there was no capacity for.
    private(set) var refused: [Int] = []
    /// Why there was none.
    private(set) var refusal: DatabaseError?

    init(table: LiveTable, version: TableVersion, shownName: String) {
        self.table = table
        self.version = version
        self.shownName = shownName
        consumed = ConsumedCapacity(tableName: shownName)
    }

    /// `known` are the keys of the batch so far: none may be there twice, whatever its table was called.
    mutating func add(
        _ given: [BatchWrite],
        _ followers: WriteFollowers?,
        _ known: inout Set<OwnedKey>
    ) throws(DatabaseError) {
        for write in given {
            var checked =
                switch write {
                case .put(let item): try put(item)
                case .delete(let key): try ItemWrite.delete(key, version)
                }
            guard known.insert(checked.owned).inserted else {
                throw .validation("Provided list of item keys contains duplicates")
            }
            checked.followers = followers
            checked.gate = version.gate
            checked.usage = version.usage
            writes.append(checked)
        }
    }

    /// A put; that its key is not the table's is told here as of any other key.
    private func put(_ item: Item) throws(DatabaseError) -> ItemWrite {
        guard version.definition.fits(keyOf: item) else { throw .keyMismatch }
        return try ItemWrite.put(item, version)
    }

    /// Asks for capacity for a write; false where there is none.
    mutating func admit(_ place: Int) -> Bool {
        do throws(DatabaseError) {
            try writes[place].admit()
            return true
        } catch {
            refuse(place, error)
            return false
        }
    }

    /// Counts what a write did; one that an index has no capacity for did nothing.
    mutating func take(
        _ result: Result<ItemWrite.Outcome, DatabaseError>,
        of place: Int
    ) throws(DatabaseError) {
        switch result {
        case .success(let outcome):
            tallies += outcome.tallies
            consumed.add(outcome.consumed)
        case .failure(let error) where error.isThrottling: refuse(place, error)
        case .failure(let error): throw error
        }
    }

    private mutating func refuse(_ place: Int, _ error: DatabaseError) {
        refused.append(place)
        refusal = error
    }
}
