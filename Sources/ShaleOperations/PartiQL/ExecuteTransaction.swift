internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Runs up to 100 statements of PartiQL together: all reads, or all writes, all or none.
enum ExecuteTransaction: Operation {
    static let name = "ExecuteTransaction"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransactStatementsRequest {
        var statements: [StatementRequest]?
        var request = TransactStatementsRequest([])
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TransactStatements":
                statements = try TransactMembers.read(
                    &reader,
                    &constraints,
                    at: "transactStatements"
                ) { (reader, path, constraints) throws(WireError) in
                    try statement(&reader, path + ".", &constraints)
                }
            case "ClientRequestToken":
                let token = try reader.readString()
                request.clientRequestToken = token
                constraints.checkLength(
                    of: token,
                    in: TableLimits.tokenSizeBytes,
                    at: "clientRequestToken"
                )
            case "ReturnConsumedCapacity":
                request.returnConsumedCapacity =
                    try reader.readReturnConsumedCapacity(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(statements != nil, "transactStatements")
        request.statements = try constraints.required(statements, "TransactStatements")
        return request
    }

    private static func statement(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> StatementRequest {
        var members = StatementMembers(at: path)
        try reader.readStructure { (reader, name) throws(WireError) in
            if try !members.read(name, &reader, &constraints) { try reader.skipValue() }
        }
        constraints.require(members.statement != nil, path + "statement")
        return members.finished(members.statement ?? "")
    }

    static func call(
        _ request: TransactStatementsRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TransactStatementsResponse {
        try await service.database.executeTransaction(request)
    }

    static func encode(
        _ response: TransactStatementsResponse,
        to request: TransactStatementsRequest,
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
                writer.consumedCapacity(
                    capacity,
                    request.returnConsumedCapacity,
                    service,
                    response.isRead ? .read : .write
                )
            }
        }
    }
}
