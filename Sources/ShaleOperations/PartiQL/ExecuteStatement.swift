internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Runs one statement of PartiQL.
enum ExecuteStatement: Operation {
    static let name = "ExecuteStatement"
    private static let limits = 1...Int(Int32.max)
    private static let tokenLengths = 1...32_768

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> StatementRequest {
        var members = StatementMembers()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "NextToken":
                let token = try reader.readString()
                constraints.check(token, length: tokenLengths, at: "nextToken")
                members.request.nextToken = token
            case "Limit":
                members.request.limit = try reader.readInteger()
                constraints.check(members.request.limit, in: limits, at: "limit")
            case "ReturnConsumedCapacity":
                members.request.returnConsumedCapacity =
                    try reader.readReturnConsumedCapacity(&constraints)
            default:
                if try !members.read(name, &reader, &constraints) { try reader.skipValue() }
            }
        }
        constraints.require(members.statement != nil, "statement")
        return members.finished(try constraints.required(members.statement, "Statement"))
    }

    static func call(
        _ request: StatementRequest,
        _ service: Service
    ) async throws(DatabaseError) -> StatementResponse {
        try await service.database.executeStatement(request)
    }

    static func encode(
        _ response: StatementResponse,
        to request: StatementRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Items")
        writer.array(response.items) { writer, item in writer.item(item) }
        if let token = response.nextToken {
            writer.name("NextToken")
            writer.string(token)
        }
        if let key = response.lastEvaluatedKey {
            writer.name("LastEvaluatedKey")
            writer.item(key)
        }
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.consumedCapacity(capacity, request.returnConsumedCapacity, service)
        }
    }
}
