internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Deletes the item with a key.
enum DeleteItem: Operation {
    static let name = "DeleteItem"
    static let valueWords = ValueWords(.newer, isEnveloped: true)

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> DeleteItemRequest {
        var members = WriteMembers()
        try reader.readStructure { (reader, name) throws(WireError) in
            try members.read(name, &reader, &constraints)
        }
        members.requireTableName(&constraints)
        constraints.require(members.key != nil, "key")
        let tableName = try constraints.required(members.tableName, "TableName")
        let key = try constraints.required(members.key, "Key")
        try members.translate()
        return DeleteItemRequest(
            tableName: tableName,
            key: key,
            options: members.options
        )
    }

    static func call(
        _ request: DeleteItemRequest,
        _ service: Service
    ) async throws(DatabaseError) -> WriteItemResponse {
        try await service.database.deleteItem(request)
    }

    static func encode(
        _ response: WriteItemResponse,
        to request: DeleteItemRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        WriteMembers.encode(response, request.options, service, &writer)
    }
}
