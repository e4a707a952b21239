internal import ShaleTables
internal import ShaleWire

/// Answers the capacity that an account may provision: the service's defaults.
enum DescribeLimits: Operation {
    static let name = "DescribeLimits"
    private static let accountUnits = 80_000
    private static let tableUnits = 40_000

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> DescribeEndpoints.Nothing {
        try reader.readStructure { (reader, _) throws(WireError) in try reader.skipValue() }
        return DescribeEndpoints.Nothing()
    }

    static func call(
        _ request: DescribeEndpoints.Nothing,
        _ service: Service
    ) async throws(DatabaseError) -> DescribeEndpoints.Nothing { request }

    static func encode(
        _ response: DescribeEndpoints.Nothing,
        to request: DescribeEndpoints.Nothing,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        for (name, units) in [
            ("AccountMaxReadCapacityUnits", accountUnits),
            ("AccountMaxWriteCapacityUnits", accountUnits),
            ("TableMaxReadCapacityUnits", tableUnits),
            ("TableMaxWriteCapacityUnits", tableUnits),
        ] {
            writer.name(name)
            writer.integer(units)
        }
    }
}
