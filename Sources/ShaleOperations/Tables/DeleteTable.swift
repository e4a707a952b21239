internal import ShaleTables
internal import ShaleWire

/// Deletes a table with its indexes and items.
enum DeleteTable: Operation {
    static let name = "DeleteTable"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        var tableName: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": tableName = try TableName.read(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tableName != nil, "tableName")
        return try constraints.required(tableName, "TableName")
    }

    static func call(
        _ tableName: String,
        _ service: Service
    ) async throws(DatabaseError) -> TableDescription {
        try await service.database.deleteTable(tableName)
    }

    static func encode(
        _ table: TableDescription,
        to request: String,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TableDescription")
        writer.tableDescription(table, service)
    }
}
