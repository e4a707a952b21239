internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Does up to 100 writes together: all or none.
enum TransactWriteItems: Operation {
    static let name = "TransactWriteItems"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactWriteItemsRequest {
        var actions: [TransactWriteAction?]?
        var wholeActions = 0
        var request = TransactWriteItemsRequest([])
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TransactItems":
                actions = try TransactMembers.read(&reader, &constraints) {
                    (reader, path, constraints) throws(WireError) in
                    let action = try element(&reader, path, &constraints)
                    if reader.deferredError == nil { wholeActions += 1 }
                    return action
                }
            case "ClientRequestToken":
                let token = try reader.readString()
                request.clientRequestToken = token
                constraints.checkLength(
                    of: token,
                    in: TableLimits.tokenSizeBytes,
                    at: "clientRequestToken"
                )
            case "ReturnConsumedCapacity":
                request.returnConsumedCapacity =
                    try reader.readReturnConsumedCapacity(&constraints)
            case "ReturnItemCollectionMetrics":
                request.returnItemCollectionMetrics =
                    try reader.readReturnItemCollectionMetrics(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(actions != nil, "transactItems")
        request.actions = try constraints.required(actions, "TransactItems").compactMap(\.self)
        if reader.deferredError != nil,
            let first = error(before: wholeActions, of: request.actions)
        {
            reader.refuseBefore(first)
        }
        return request
    }

    /// What is wrong with the expressions of the first actions: the service checks one after the other, so that it is
    /// told before a wrong value of a later one.
    private static func error(
        before count: Int,
        of actions: [TransactWriteAction]
    ) -> WireError? {
        do throws(DatabaseError) {
            for action in actions.prefix(count) { try action.checkExpressions() }
            return nil
        } catch {
            return WireError(error)
        }
    }

    /// One element: exactly one of the four actions.
    private static func element(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactWriteAction? {
        var actions: [TransactWriteAction?] = []
        try reader.readStructure { (reader, name) throws(WireError) in
            guard let kind = TransactActionKind(rawValue: name) else {
                return try reader.skipValue()
            }
            var members = TransactActionMembers(kind, path: "\(path).\(kind.member)")
            actions.append(try members.read(&reader, &constraints))
        }
        if actions.count != 1 {
            try reader.refuse(
                .validation("TransactItems can only contain one of Check, Put, Update or Delete")
            )
        }
        return actions.first ?? nil
    }

    static func call(
        _ request: TransactWriteItemsRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TransactWriteItemsResponse {
        try await service.database.transactWriteItems(request)
    }

    static func encode(
        _ response: TransactWriteItemsResponse,
        to request: TransactWriteItemsRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        if let tables = response.itemCollectionMetrics { writer.itemCollectionMetrics(tables) }
        guard let capacity = response.consumedCapacity else { return }
        writer.name("ConsumedCapacity")
        writer.array(capacity) { writer, capacity in
            writer.consumedCapacity(
                capacity,
                request.returnConsumedCapacity,
                service,
                response.wasRepeated ? .read : .write
            )
        }
    }
}
