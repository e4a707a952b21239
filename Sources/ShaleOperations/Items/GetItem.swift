internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Reads the item with a key.
enum GetItem: Operation {
    static let name = "GetItem"
    static let valueWords = ValueWords(.newer)

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> GetItemRequest {
        var tableName: String?
        var key: Item?
        var attributesToGet: [String]?
        var request = GetItemRequest(tableName: "", key: Item())
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName":
                tableName = try TableName.read(
                    &reader,
                    &constraints,
                    lengths: TableName.lengthsOfKnown
                )
            case "Key": key = try reader.readItem()
            case "ProjectionExpression": request.projection = try reader.readString()
            case "ExpressionAttributeNames": request.names = try reader.readNames(&constraints)
            case "ConsistentRead": request.consistentRead = try reader.readBool()
            case "ReturnConsumedCapacity":
                request.returnConsumedCapacity =
                    try reader.readReturnConsumedCapacity(&constraints)
            case "AttributesToGet":
                attributesToGet = try reader.readAttributesToGet(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tableName != nil, "tableName")
        constraints.require(key != nil, "key")
        request.tableName = try constraints.required(tableName, "TableName")
        request.key = try constraints.required(key, "Key")
        try ParameterMix(
            legacy: [("AttributesToGet", attributesToGet != nil)],
            expressions: [("ProjectionExpression", request.projection != nil)]
        ).check(ExpressionAttributes(names: request.names))
        request.attributesToGet = try LegacyTranslation.projection(attributesToGet)
        return request
    }

    static func call(
        _ request: GetItemRequest,
        _ service: Service
    ) async throws(DatabaseError) -> GetItemResponse {
        try await service.database.getItem(request)
    }

    static func encode(
        _ response: GetItemResponse,
        to request: GetItemRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        if let item = response.item {
            writer.name("Item")
            writer.item(item)
        }
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.consumedCapacity(capacity, request.returnConsumedCapacity, service)
        }
    }
}
