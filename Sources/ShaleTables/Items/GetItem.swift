internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

extension Database {
    /// Reads one item.
    ///
    /// - Throws: `.validation`, `.resourceNotFound`, `.internalFailure`.
    public func getItem(
        _ request: GetItemRequest
    ) async throws(DatabaseError) -> GetItemResponse {
        var reader = try ExpressionReader(ExpressionAttributes(names: request.names))
        let projection = try reader.projection(request.projection)
        try reader.finish(hasExpressions: projection != nil)
        let table = try catalog.table(request.tableName).definition
        let key = table.entryKey(try table.checkedKey(request.key))
        let bytes: [UInt8]?
        do throws(EngineError) {
            bytes = try await engine.read { view throws(EngineError) in
                try view.get(table.engineTable.id, key)
            }
        } catch {
            throw DatabaseError(error)
        }
        var response = GetItemResponse()
        let item = try bytes.map { (bytes) throws(DatabaseError) in
            try StoredItem.decode(bytes)
        }
        response.item = item.map { item in projection?.apply(to: item) ?? item }
        if request.returnConsumedCapacity != .none {
            response.consumedCapacity = ConsumedCapacity(
                tableName: table.name,
                table: CapacityRules.read(
                    itemBytes: item?.sizeBytes ?? 0,
                    request.consistentRead ? .strong : .eventual
                )
            )
        }
        return response
    }
}
