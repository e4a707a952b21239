internal import ShaleTables
internal import ShaleWire

/// Shows an import.
enum DescribeImport: Operation {
    static let name = "DescribeImport"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransferName {
        try TransferName(of: .import, at: "importArn", &reader, &constraints)
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
        writer.name("ImportTableDescription")
        writer.transfer(record, service)
    }
}
