internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Reads up to 100 items by their keys.
enum BatchGetItem: Operation {
    static let name = "BatchGetItem"
    private static let maxKeys = 100

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> BatchGetItemRequest {
        var tables: BatchTables<KeysAndAttributes>?
        var capacity = ReturnConsumedCapacity.none
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "RequestItems":
                tables = try BatchTables(
                    &reader,
                    &constraints,
                    operation: Self.name,
                    limit: maxKeys
                ) { (reader, path, constraints) throws(WireError) in
                    try keysAndAttributes(&reader, path, &constraints)
                }
            case "ReturnConsumedCapacity":
                capacity = try reader.readReturnConsumedCapacity(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tables != nil, "requestItems")
        let requested = try constraints.required(tables, "RequestItems")
        var request = BatchGetItemRequest(
            requested.entries.map { (tableName: $0.tableName, keys: $0.value) }
        )
        request.returnConsumedCapacity = capacity
        return request
    }

    private static func keysAndAttributes(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> (value: KeysAndAttributes, count: Int) {
        var keys: [Item]?
        var value = KeysAndAttributes(keys: [])
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Keys":
                keys = try reader.readList { reader throws(WireError) in try reader.readItem() }
            case "ProjectionExpression": value.projection = try reader.readString()
            case "ExpressionAttributeNames": value.names = try reader.readNames()
            case "ConsistentRead": value.consistentRead = try reader.readBool()
            case "AttributesToGet": throw reader.legacy(name, insteadUse: "ProjectionExpression")
            default: try reader.skipValue()
            }
        }
        constraints.require(keys != nil, path + ".keys")
        if let keys, keys.isEmpty {
            constraints.note(
                "[]",
                at: path + ".keys",
                "Member must have length greater than or equal to 1"
            )
        }
        value.keys = keys ?? []
        return (value, value.keys.count)
    }

    static func call(
        _ request: BatchGetItemRequest,
        _ service: Service
    ) async throws(DatabaseError) -> BatchGetItemResponse {
        try await service.database.batchGetItem(request)
    }

    static func encode(
        _ response: BatchGetItemResponse,
        to request: BatchGetItemRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Responses")
        writer.beginObject()
        for table in response.responses {
            writer.name(table.tableName)
            writer.array(table.items) { writer, item in writer.item(item) }
        }
        writer.endObject()
        writer.name("UnprocessedKeys")
        writer.beginObject()
        for table in response.unprocessedKeys {
            writer.name(table.tableName)
            encode(table.keys, to: &writer)
        }
        writer.endObject()
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.array(capacity) { writer, capacity in
                writer.consumedCapacity(capacity, request.returnConsumedCapacity)
            }
        }
    }

    /// In the form of a request, so that a client can send it again as it is.
    private static func encode(_ keys: KeysAndAttributes, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("Keys")
        writer.array(keys.keys) { writer, key in writer.item(key) }
        if let projection = keys.projection {
            writer.name("ProjectionExpression")
            writer.string(projection)
        }
        if let names = keys.names {
            writer.name("ExpressionAttributeNames")
            writer.beginObject()
            for (name, attribute) in names.sorted(by: { $0.key < $1.key }) {
                writer.name(name)
                writer.string(attribute)
            }
            writer.endObject()
        }
        if keys.consistentRead {
            writer.name("ConsistentRead")
            writer.bool(true)
        }
        writer.endObject()
    }
}
