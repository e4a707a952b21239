internal import ShaleTables
internal import ShaleWire

/// Describes a table.
enum DescribeTable: Operation {
    static let name = "DescribeTable"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        try TableName.readAlone(&reader, &constraints)
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
