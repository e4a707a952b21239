internal import ShaleExpressions
internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Reads up to 100 items by their keys.
enum BatchGetItem: Operation {
    static let name = "BatchGetItem"
    static let valueWords = ValueWords(.newer)
    private static let maxKeys = 100

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> BatchGetItemRequest {
        var tables: BatchTables<Asked>?
        var capacity = ReturnConsumedCapacity.none
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "RequestItems":
                tables = try BatchTables(
                    &reader,
                    &constraints,
                    operation: Self.name,
                    limit: maxKeys,
                    naming: .constraint
                ) { (reader, table, constraints) throws(WireError) in
                    try asked(&reader, of: table, &constraints)
                }
            case "ReturnConsumedCapacity":
                capacity = try reader.readReturnConsumedCapacity(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tables != nil, "requestItems")
        let requested = try constraints.required(tables, "RequestItems")
        var request = BatchGetItemRequest([])
        for entry in requested.entries {
            request.requestItems.append((entry.tableName, try entry.value.translated()))
        }
        request.shownNames = requested.entries.map(\.shownName)
        request.returnConsumedCapacity = capacity
        return request
    }

    /// What is asked of one table, before it is known that all constraints hold.
    private struct Asked {
        var keys = KeysAndAttributes(keys: [])
        var attributesToGet: [String]?

        func translated() throws(WireError) -> KeysAndAttributes {
            try ParameterMix(
                legacy: [("AttributesToGet", attributesToGet != nil)],
                expressions: [("ProjectionExpression", keys.projection != nil)]
            ).check(ExpressionAttributes(names: keys.names))
            var keys = keys
            keys.attributesToGet = try LegacyTranslation.projection(attributesToGet)
            return keys
        }
    }

    private static func asked(
        _ reader: inout JSONReader,
        of table: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> (value: Asked, count: Int) {
        let path = "requestItems.\(table).member"
        var keys: [Item]?
        var asked = Asked()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Keys":
                keys = try reader.readList { reader throws(WireError) in try reader.readItem() }
            case "ProjectionExpression": asked.keys.projection = try reader.readString()
            case "ExpressionAttributeNames":
                asked.keys.names = try reader.readNames(
                    at: path + ".expressionAttributeNames",
                    &constraints
                )
            case "ConsistentRead": asked.keys.consistentRead = try reader.readBool()
            case "AttributesToGet":
                asked.attributesToGet = try reader.readAttributesToGet(
                    at: path + ".attributesToGet",
                    &constraints
                )
            default: try reader.skipValue()
            }
        }
        constraints.require(keys != nil, path + ".keys")
        let count = keys?.count ?? 1
        if !(1...maxKeys).contains(count) {
            // So the service words it, with capitals and without a value.
            constraints.noteUnseen(
                at: "RequestItems.\(table).member.Keys",
                count < 1
                    ? "Member must have length greater than or equal to 1"
                    : "Member must have length less than or equal to \(maxKeys)"
            )
        }
        asked.keys.keys = keys ?? []
        return (asked, asked.keys.keys.count)
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
                // It has the name by which this part of the request called the table.
                writer.consumedCapacity(capacity, request.returnConsumedCapacity, nil)
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
        if let projection = keys.attributesToGet {
            writer.name("AttributesToGet")
            writer.array(projection.paths) { writer, path in writer.string(path.root) }
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
