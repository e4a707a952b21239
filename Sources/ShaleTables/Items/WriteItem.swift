internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Puts an item in place of the one with its key, if there is one.
    ///
    /// - Throws: `.conditionalCheckFailed`, `.validation`, `.resourceNotFound`, `.throughputExceeded`, `.throttled`,
    ///   `.internalFailure`.
    public func putItem(
        _ request: PutItemRequest
    ) async throws(DatabaseError) -> WriteItemResponse {
        try request.options.requireOldOrNone()
        return try await write(request.tableName, nil, nil, request.options) {
            version,
            _ throws(DatabaseError) in
            try ItemWrite.put(request.item, version)
        }
    }

    /// Deletes an item; one that is not there is no error.
    ///
    /// - Throws: `.conditionalCheckFailed`, `.validation`, `.resourceNotFound`, `.throughputExceeded`, `.throttled`,
    ///   `.internalFailure`.
    public func deleteItem(
        _ request: DeleteItemRequest
    ) async throws(DatabaseError) -> WriteItemResponse {
        try request.options.requireOldOrNone()
        return try await write(request.tableName, nil, nil, request.options) {
            version,
            _ throws(DatabaseError) in
            try ItemWrite.delete(request.key, version)
        }
    }

    /// Changes an item, or makes it if it is not there.
    ///
    /// - Throws: `.conditionalCheckFailed`, `.validation`, `.resourceNotFound`, `.throughputExceeded`, `.throttled`,
    ///   `.internalFailure`.
    public func updateItem(
        _ request: UpdateItemRequest
    ) async throws(DatabaseError) -> WriteItemResponse {
        try await write(
            request.tableName,
            request.update,
            request.attributeUpdates,
            request.options
        ) {
            version,
            update throws(DatabaseError) in
            try ItemWrite.update(request.key, update, version)
        }
    }

    /// What the three have in common: parse, enter the table, own the key and decide, answer.
    private func write(
        _ tableName: String,
        _ updateText: String?,
        _ attributeUpdates: Update?,
        _ options: WriteOptions,
        _ make: (TableVersion, Update?) throws(DatabaseError) -> ItemWrite
    ) async throws(DatabaseError) -> WriteItemResponse {
        let (parsed, condition) = try options.parsed(updateText)
        let update = parsed ?? attributeUpdates
        func prepare(_ version: TableVersion) throws(DatabaseError) -> ItemWrite {
            var write = try make(version, update)
            write.condition = condition
            write.returnsItemOnFailure = options.returnValuesOnConditionCheckFailure == .allOld
            return write
        }
        if let mark = WriteMark.current {
            return try await perform(mark, tableName, options, prepare)
        }
        return try await perform(tableName, options.durability, prepare) {
            write,
            done throws(DatabaseError) in
            var response = WriteItemResponse(
                attributes: done.attributes(options.returnValues),
                consumedCapacity: options.returnConsumedCapacity == .none ? nil : done.consumed
            )
            if options.returnItemCollectionMetrics == .size {
                let metrics = try await collectionMetrics(of: write.version.definition, [write.key])
                response.itemCollectionMetrics = metrics.first
            }
            return response
        }
    }

    /// Enters the table, owns the key, decides and waits until the write is as durable as asked; answers before
    /// it leaves the table.
    func perform<Answer>(
        _ tableName: String,
        _ durability: Durability?,
        _ make: (TableVersion) throws(DatabaseError) -> ItemWrite,
        answer: (ItemWrite, ItemWrite.Outcome) async throws(DatabaseError) -> Answer
    ) async throws(DatabaseError) -> Answer {
        let table = try catalog.table(tableName)
        let version = try table.enter()
        var tallies: [(table: TableID, change: Tally)] = []
        defer { table.leave(version, tallies) }
        let decided = try prepared(make, table, version)
        let outcome: Result<ItemWrite.Outcome, DatabaseError>
        do throws(EngineError) {
            outcome = try await engine.update(
                owning: [decided.owned],
                durability ?? options.durability,
                waitingAtMost: options.longestWriteWait
            ) { view throws(EngineError) in
                try decided.decide(view)
            }
        } catch {
            if error.code == .overloaded { decided.giveBack() }
            throw DatabaseError(error)
        }
        decided.charge(outcome)
        let done = try outcome.get()
        tallies = done.tallies
        return try await answer(decided, done)
    }
}

extension Database {
    /// A write that may be done: in a function of its own, so that what it needs for that is gone while it is done.
    @inline(never)
    fileprivate func prepared(
        _ make: (TableVersion) throws(DatabaseError) -> ItemWrite,
        _ table: LiveTable,
        _ version: TableVersion
    ) throws(DatabaseError) -> ItemWrite {
        var write = try make(version)
        write.followers = followers(of: table, version)
        write.gate = version.gate
        write.usage = version.usage
        table.note(write.entryKey)
        try write.admit()
        return write
    }
}

extension WriteOptions {
    /// The update and the condition of a request.
    fileprivate func parsed(
        _ updateText: String?
    ) throws(DatabaseError) -> (update: Update?, condition: Condition?) {
        do throws(DatabaseError) {
            var reader = try ExpressionReader(attributes)
            let update = try reader.update(updateText)
            let parsed = try reader.condition(condition) ?? expected
            try reader.finish(hasExpressions: updateText != nil || condition != nil)
            return (update, parsed)
        } catch {
            throw error.ofRequest
        }
    }

    /// Puts and deletes answer with old attributes or none.
    fileprivate func requireOldOrNone() throws(DatabaseError) {
        guard returnValues == .none || returnValues == .allOld else {
            throw DatabaseError.validation("ReturnValues can only be ALL_OLD or NONE").ofRequest
        }
    }
}

extension DatabaseError {
    /// The same, as one about the request alone.
    fileprivate var ofRequest: DatabaseError {
        var error = self
        error.isOfRequest = true
        return error
    }
}

extension ItemWrite.Outcome {
    /// The attributes that a request asked for; nil when there are none.
    func attributes(_ returnValues: ReturnValues) -> Item? {
        let item: Item? =
            switch returnValues {
            case .none: nil
            case .allOld: old
            case .allNew: new
            case .updatedOld: old == nil ? nil : updated?.updatedOld
            case .updatedNew: updated?.updatedNew
            }
        return item.flatMap { $0.isEmpty ? nil : $0 }
    }
}
