internal import ShaleTables
internal import ShaleWire

/// Lists the names of tables, a page at a time.
enum ListTables: Operation {
    static let name = "ListTables"
    private static let limits = 1...100

    struct Request: Sendable {
        var exclusiveStart: String?
        var limit: Int?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ExclusiveStartTableName":
                request.exclusiveStart = try TableName.read(
                    &reader,
                    &constraints,
                    at: "exclusiveStartTableName"
                )
            case "Limit":
                request.limit = try reader.readInteger()
                constraints.check(request.limit, in: limits, at: "limit")
            default: try reader.skipValue()
            }
        }
        try constraints.finish()
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> ListTablesResponse {
        try service.database.listTables(
            exclusiveStart: request.exclusiveStart,
            limit: request.limit
        )
    }

    static func encode(
        _ response: ListTablesResponse,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TableNames")
        writer.array(response.tableNames) { writer, name in writer.string(name) }
        if let last = response.lastEvaluatedTableName {
            writer.name("LastEvaluatedTableName")
            writer.string(last)
        }
    }
}
