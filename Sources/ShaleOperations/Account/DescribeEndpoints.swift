internal import ShaleTables
internal import ShaleWire

/// Answers where the service is: here.
enum DescribeEndpoints: Operation {
    static let name = "DescribeEndpoints"
    private static let cachePeriodMinutes = 1_440

    struct Nothing: Sendable {}

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Nothing {
        try reader.readStructure { (reader, _) throws(WireError) in try reader.skipValue() }
        return Nothing()
    }

    static func call(
        _ request: Nothing,
        _ service: Service
    ) async throws(DatabaseError) -> Nothing { request }

    static func encode(
        _ response: Nothing,
        to request: Nothing,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Endpoints")
        writer.beginArray()
        writer.beginObject()
        writer.name("Address")
        writer.string(service.endpoint)
        writer.name("CachePeriodInMinutes")
        writer.integer(cachePeriodMinutes)
        writer.endObject()
        writer.endArray()
    }
}
