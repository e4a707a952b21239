internal import ShaleTables
internal import ShaleWire

/// Shows an export.
enum DescribeExport: Operation {
    static let name = "DescribeExport"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransferName {
        try TransferName(of: .export, at: "exportArn", &reader, &constraints)
    }

    static func call(
        _ name: TransferName,
        _ service: Service
    ) async throws(DatabaseError) -> TransferRecord {
        try name.record(service)
    }

    static func encode(
        _ record: TransferRecord,
        to request: TransferName,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ExportDescription")
        writer.transfer(record, service)
    }
}
