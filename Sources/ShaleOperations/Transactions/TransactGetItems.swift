internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Reads up to 100 items as they were at one moment.
enum TransactGetItems: Operation {
    static let name = "TransactGetItems"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactGetItemsRequest {
        var gets: [TransactGet?]?
        var capacity = ReturnConsumedCapacity.none
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TransactItems":
                gets = try TransactMembers.read(&reader, &constraints) {
                    (reader, path, constraints) throws(WireError) in
                    try element(&reader, path, &constraints)
                }
            case "ReturnConsumedCapacity":
                capacity = try reader.readReturnConsumedCapacity(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(gets != nil, "transactItems")
        let read = try constraints.required(gets, "TransactItems")
        var request = TransactGetItemsRequest(read.compactMap(\.self))
        request.returnConsumedCapacity = capacity
        return request
    }

    private static func element(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactGet? {
        var get: TransactGet??
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Get": get = try self.get(&reader, path + ".get", &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(get != nil, path + ".get")
        return get ?? nil
    }

    private static func get(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactGet? {
        var tableName: String?
        var key: Item?
        var get = TransactGet(tableName: "", key: Item())
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName":
                tableName = try TableName.read(
                    &reader,
                    &constraints,
                    at: path + ".tableName",
                    lengths: TableName.lengthsOfKnown
                )
            case "Key": key = try reader.readItem()
            case "ProjectionExpression": get.projection = try reader.readString()
            case "ExpressionAttributeNames":
                get.names = try reader.readNames(
                    at: path + ".expressionAttributeNames",
                    &constraints
                )
            default: try reader.skipValue()
            }
        }
        constraints.require(key != nil, path + ".key")
        constraints.require(tableName != nil, path + ".tableName")
        guard let tableName, let key else { return nil }
        get.tableName = tableName
        get.key = key
        return get
    }

    static func call(
        _ request: TransactGetItemsRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TransactGetItemsResponse {
        try await service.database.transactGetItems(request)
    }

    static func encode(
        _ response: TransactGetItemsResponse,
        to request: TransactGetItemsRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Responses")
        writer.array(response.items) { writer, item in
            writer.beginObject()
            if let item {
                writer.name("Item")
                writer.item(item)
            }
            writer.endObject()
        }
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.array(capacity) { writer, capacity in
                writer.consumedCapacity(capacity, request.returnConsumedCapacity, service, .read)
            }
        }
    }
}
