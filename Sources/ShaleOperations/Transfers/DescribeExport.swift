internal import ShaleTables
internal import ShaleWire

/// Shows an export.
enum DescribeExport: Operation {
    static let name = "DescribeExport"
    private static let arnLengths = 37...1_024

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        var text: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ExportArn":
                text = try reader.readString(arnLengths, at: "exportArn", &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(text != nil, "exportArn")
        return try constraints.required(text, "ExportArn")
    }

    static func call(
        _ text: String,
        _ service: Service
    ) async throws(DatabaseError) -> TransferRecord {
        let kind = TransferIdentity.Kind.export
        guard let identity = service.transfer(kind, named: text),
            let record = service.database.transfer(identity)
        else { throw kind.notFound(text) }
        return record
    }

    static func encode(
        _ record: TransferRecord,
        to request: String,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ExportDescription")
        writer.transfer(record, service)
    }
}
