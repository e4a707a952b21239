internal import ShaleTables
internal import ShaleWire

/// Lists exports, the newest first, a page at a time.
enum ListExports: Operation {
    static let name = "ListExports"
    private static let members = ["ExportStatus", "ExportType"]

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransferListRequest {
        try TransferListRequest(&reader, &constraints, limit: "MaxResults", at: "maxResults")
    }

    static func call(
        _ request: TransferListRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TransferPage {
        try request.page(of: .export, service)
    }

    static func encode(
        _ page: TransferPage,
        to request: TransferListRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.transfers(page, named: "ExportSummaries", only: members, service)
    }
}
