internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Puts an item in place of the one with its key.
enum PutItem: Operation {
    static let name = "PutItem"
    static let valueWords = ValueWords(.newer, isEnveloped: true)

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> PutItemRequest {
        var members = WriteMembers()
        var item: Item?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Item": item = try reader.readItem()
            default: try members.read(name, &reader, &constraints)
            }
        }
        members.requireTableName(&constraints)
        constraints.require(item != nil, "item")
        let tableName = try constraints.required(members.tableName, "TableName")
        let whole = try constraints.required(item, "Item")
        try members.translate()
        return PutItemRequest(
            tableName: tableName,
            item: whole,
            options: members.options
        )
    }

    static func call(
        _ request: PutItemRequest,
        _ service: Service
    ) async throws(DatabaseError) -> WriteItemResponse {
        try await service.database.putItem(request)
    }

    static func encode(
        _ response: WriteItemResponse,
        to request: PutItemRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        WriteMembers.encode(response, request.options, service, &writer)
    }
}
