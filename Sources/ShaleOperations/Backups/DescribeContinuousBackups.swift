internal import ShaleTables
internal import ShaleWire

/// Shows how far back and forth a table can be restored.
enum DescribeContinuousBackups: Operation {
    static let name = "DescribeContinuousBackups"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        try TableName.readAlone(&reader, &constraints)
    }

    static func call(
        _ tableName: String,
        _ service: Service
    ) async throws(DatabaseError) -> ContinuousBackupsDescription {
        try service.database.describeContinuousBackups(tableName)
    }

    static func encode(
        _ response: ContinuousBackupsDescription,
        to request: String,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.continuousBackups(response)
    }
}
