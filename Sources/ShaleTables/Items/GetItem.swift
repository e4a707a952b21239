internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads one item.
    ///
    /// - Throws: `.validation`, `.resourceNotFound`, `.throughputExceeded`, `.throttled`, `.internalFailure`.
    public func getItem(
        _ request: GetItemRequest
    ) async throws(DatabaseError) -> GetItemResponse {
        let projection = try request.checkedProjection()
        let live = try catalog.table(request.tableName)
        let table = live.version
        let key: EntryKey
        if let known = table.entryKey(ofKey: request.key) {
            key = known
        } else {
            let definition = table.definition
            key = definition.entryKey(try definition.checkedKey(request.key))
        }
        live.note(key)
        let consistency: CapacityRules.Consistency = request.consistentRead ? .strong : .eventual
        try table.gate?.admit(readOf: key, consistency)
        let id = table.engineTable.id
        let found: Result<Item, ItemError>?
        do throws(EngineError) {
            // Decoded where it lies: the bytes are not copied first.
            found = try await engine.read { view throws(EngineError) in
                try view.withValue(id, key) { bytes in
                    Result { () throws(ItemError) in
                        try ItemDecoder.decode(Span<UInt8>(_bytes: bytes))
                    }
                }
            }
        } catch {
            throw DatabaseError(error)
        }
        let item: Item?
        switch found {
        case nil: item = nil
        case .success(let stored): item = stored
        case .failure(let error): throw .damaged("item", error.description)
        }
        if let gate = table.gate { gate.charge(readOf: key, item?.sizeBytes ?? 0, consistency) }
        table.usage?.add(
            .read,
            CapacityRules.read(itemBytes: item?.sizeBytes ?? 0, consistency)
        )
        var response = GetItemResponse()
        response.item = item.map { item in projection?.apply(to: item) ?? item }
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity = ConsumedCapacity(
                tableName: request.tableName,
                table: CapacityRules.read(itemBytes: item?.sizeBytes ?? 0, consistency)
            )
        }
        return response
    }
}

extension GetItemRequest {
    /// The projection, parsed; nil is all attributes.
    fileprivate func checkedProjection() throws(DatabaseError) -> Projection? {
        guard projection != nil || names != nil else { return attributesToGet }
        var reader = try ExpressionReader(ExpressionAttributes(names: names))
        let parsed = try reader.projection(projection)
        try reader.finish(hasExpressions: parsed != nil)
        return parsed
    }
}
