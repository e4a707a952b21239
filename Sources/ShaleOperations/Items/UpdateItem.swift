internal import ShaleTables
internal import ShaleWire

/// Changes the item with a key, or makes it.
enum UpdateItem: Operation {
    static let name = "UpdateItem"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> UpdateItemRequest {
        var members = WriteMembers()
        var update: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "UpdateExpression": update = try reader.readString()
            case "AttributeUpdates": throw reader.legacy(name, insteadUse: "UpdateExpression")
            default: try members.read(name, &reader, &constraints)
            }
        }
        members.requireTableName(&constraints)
        constraints.require(members.key != nil, "key")
        return UpdateItemRequest(
            tableName: try constraints.required(members.tableName, "TableName"),
            key: try constraints.required(members.key, "Key"),
            update: update,
            options: members.options
        )
    }

    static func call(
        _ request: UpdateItemRequest,
        _ service: Service
    ) async throws(DatabaseError) -> WriteItemResponse {
        try await service.database.updateItem(request)
    }

    static func encode(
        _ response: WriteItemResponse,
        to request: UpdateItemRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        WriteMembers.encode(response, request.options, &writer)
    }
}
