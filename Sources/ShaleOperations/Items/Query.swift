internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Reads a page of the items of one partition key.
enum Query: Operation {
    static let name = "Query"
    static let valueWords = ValueWords(.newer)

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> QueryRequest {
        var members = PageMembers()
        var keyCondition: String?
        var keyConditions: [LegacyEntry]?
        var isForward = true
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "KeyConditionExpression": keyCondition = try reader.readString()
            case "KeyConditions":
                keyConditions = try reader.readConditions(at: "keyConditions", &constraints)
            case "QueryFilter":
                try members.readFilter(at: "queryFilter", &reader, &constraints)
            case "ScanIndexForward": isForward = try reader.readBool()
            default: try members.read(name, &reader, &constraints)
            }
        }
        let tableName = try members.finish(&constraints)
        try members.translate(
            filterNamed: "QueryFilter",
            keys: (keyConditions != nil, keyCondition != nil)
        )
        guard keyCondition != nil || keyConditions != nil else {
            throw .validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in "
                    + "the request."
            )
        }
        var request = QueryRequest(
            tableName: tableName,
            keyCondition: keyCondition ?? "",
            options: members.options
        )
        if let keyConditions {
            request.keyConditions = try LegacyTranslation.keyConditions(keyConditions)
        }
        request.scanIndexForward = isForward
        return request
    }

    static func call(
        _ request: QueryRequest,
        _ service: Service
    ) async throws(DatabaseError) -> PageResponse {
        try await service.database.query(request, into: JSONWriter.sink)
    }

    static func encode(
        _ page: PageResponse,
        to request: QueryRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        PageMembers.encode(page, request.options, service, &writer)
    }
}
