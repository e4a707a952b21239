internal import ShaleExpressions
internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Changes the item with a key, or makes it.
enum UpdateItem: Operation {
    static let name = "UpdateItem"
    static let valueWords = ValueWords(.newer, isEnveloped: true)
    static let placedBehind = ["tablename": "returnconsumedcapacity"]

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> UpdateItemRequest {
        var members = WriteMembers()
        var update: String?
        var attributeUpdates: [AttributeUpdate]?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "UpdateExpression": update = try reader.readString()
            case "AttributeUpdates":
                attributeUpdates = try reader.readAttributeUpdates(&constraints)
            default: try members.read(name, &reader, &constraints)
            }
        }
        members.requireTableName(&constraints)
        constraints.require(members.key != nil, "key")
        let tableName = try constraints.required(members.tableName, "TableName")
        let key = try constraints.required(members.key, "Key")
        try members.translate(update: (attributeUpdates != nil, update != nil))
        var request = UpdateItemRequest(
            tableName: tableName,
            key: key,
            update: update,
            options: members.options
        )
        request.attributeUpdates = try LegacyTranslation.update(attributeUpdates)
        return request
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
        WriteMembers.encode(response, request.options, service, &writer)
    }
}
