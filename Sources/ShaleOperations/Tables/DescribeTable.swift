internal import ShaleTables
internal import ShaleWire

/// Describes a table.
enum DescribeTable: Operation {
    static let name = "DescribeTable"

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
        try service.database.describeTable(tableName)
    }

    static func encode(
        _ table: TableDescription,
        to request: String,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Table")
        writer.tableDescription(table, service)
    }
}
