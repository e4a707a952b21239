internal import ShaleTables
internal import ShaleWire

/// Reads a page of all items.
enum Scan: Operation {
    static let name = "Scan"
    private static let segments = 0...999_999
    private static let totals = 1...1_000_000

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> ScanRequest {
        var members = PageMembers()
        var segment: Int?
        var totalSegments: Int?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Segment":
                segment = try reader.readInteger()
                constraints.check(segment, in: segments, at: "segment")
            case "TotalSegments":
                totalSegments = try reader.readInteger()
                constraints.check(totalSegments, in: totals, at: "totalSegments")
            case "ScanFilter": try members.readFilter(at: "scanFilter", &reader, &constraints)
            default: try members.read(name, &reader, &constraints)
            }
        }
        let tableName = try members.finish(&constraints)
        try members.translate(filterNamed: "ScanFilter")
        var request = ScanRequest(tableName: tableName, options: members.options)
        request.segment = segment
        request.totalSegments = totalSegments
        return request
    }

    static func call(
        _ request: ScanRequest,
        _ service: Service
    ) async throws(DatabaseError) -> PageResponse {
        try await service.database.scan(request, into: JSONWriter.sink)
    }

    static func encode(
        _ page: PageResponse,
        to request: ScanRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        PageMembers.encode(page, request.options, service, &writer)
    }
}
