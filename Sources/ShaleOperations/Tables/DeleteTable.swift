internal import ShaleTables
internal import ShaleWire

/// Deletes a table with its indexes and items.
enum DeleteTable: Operation {
    static let name = "DeleteTable"

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
