internal import ShaleTables
internal import ShaleWire

/// Shows whether items of a table expire.
enum DescribeTimeToLive: Operation {
    static let name = "DescribeTimeToLive"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        try TableName.readAlone(&reader, &constraints)
    }

    static func call(
        _ tableName: String,
        _ service: Service
    ) async throws(DatabaseError) -> TimeToLiveDescription {
        try service.database.describeTimeToLive(tableName)
    }

    static func encode(
        _ response: TimeToLiveDescription,
        to request: String,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TimeToLiveDescription")
        writer.beginObject()
        writer.member("TimeToLiveStatus", response.status.rawValue)
        if let name = response.attributeName { writer.member("AttributeName", name) }
        writer.endObject()
    }
}
