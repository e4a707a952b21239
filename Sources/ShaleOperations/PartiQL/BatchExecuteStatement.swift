internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Runs up to 25 statements of PartiQL, each on its own.
enum BatchExecuteStatement: Operation {
    static let name = "BatchExecuteStatement"
    private static let maxStatements = 25

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> BatchStatementRequest {
        var members: [BatchStatementRequest.Member]?
        var capacity = ReturnConsumedCapacity.none
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Statements": members = try statements(&reader, &constraints)
            case "ReturnConsumedCapacity":
                capacity = try reader.readReturnConsumedCapacity(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(members != nil, "statements")
        var request = BatchStatementRequest(try constraints.required(members, "Statements"))
        request.returnConsumedCapacity = capacity
        return request
    }

    private static func statements(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> [BatchStatementRequest.Member] {
        var place = 0
        let members = try reader.readList {
            reader throws(WireError) -> BatchStatementRequest.Member in
            place += 1
            // What follows too many is not looked at.
            guard place <= maxStatements else {
                try reader.skipValue()
                return .refused(DatabaseError(.validation, ""))
            }
            return try statement(&reader, "statements.\(place).member.", &constraints)
        }
        if members.isEmpty {
            constraints.note(
                "[]",
                at: "statements",
                "Member must have length greater than or equal to 1"
            )
        } else if members.count > maxStatements {
            constraints.note(
                "[\(members.count) members]",
                at: "statements",
                "Member must have length less than or equal to \(maxStatements)"
            )
        }
        return members
    }

    private static func statement(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> BatchStatementRequest.Member {
        var members = StatementMembers(at: path)
        try reader.readStructure { (reader, name) throws(WireError) in
            if try !members.readInBatch(name, &reader, &constraints) { try reader.skipValue() }
        }
        constraints.require(members.statement != nil, path + "statement")
        if let refusal = members.refusal {
            return .refused(DatabaseError(.validation, refusal.message))
        }
        return .statement(members.finished(members.statement ?? ""))
    }

    static func call(
        _ request: BatchStatementRequest,
        _ service: Service
    ) async throws(DatabaseError) -> BatchStatementResponse {
        try await service.database.batchExecuteStatement(request)
    }

    static func encode(
        _ response: BatchStatementResponse,
        to request: BatchStatementRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Responses")
        writer.array(response.answers) { writer, answer in encode(answer, to: &writer) }
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.array(capacity) { writer, capacity in
                writer.consumedCapacity(capacity, request.returnConsumedCapacity, service)
            }
        }
    }

    private static func encode(
        _ answer: BatchStatementResponse.Answer,
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        if let error = answer.error {
            writer.name("Error")
            writer.beginObject()
            writer.name("Code")
            writer.string(code(error.code))
            writer.name("Message")
            writer.string(error.message)
            if let item = error.item {
                writer.name("Item")
                writer.item(item)
            }
            writer.endObject()
        }
        if let item = answer.item {
            writer.name("Item")
            writer.item(item)
        }
        if let tableName = answer.tableName {
            writer.name("TableName")
            writer.string(tableName)
        }
        writer.endObject()
    }

    /// The short names that errors have here.
    private static func code(_ code: DatabaseError.Code) -> String {
        switch code {
        case .validation: "ValidationError"
        case .resourceNotFound: "ResourceNotFound"
        case .conditionalCheckFailed: "ConditionalCheckFailed"
        case .duplicateItem: "DuplicateItem"
        case .itemCollectionSizeLimitExceeded: "ItemCollectionSizeLimitExceeded"
        case .throughputExceeded: "ProvisionedThroughputExceeded"
        case .throttled: "ThrottlingError"
        case .resourceInUse, .limitExceeded: "RequestLimitExceeded"
        // What is left is no matter of one statement.
        default: "InternalServerError"
        }
    }
}
