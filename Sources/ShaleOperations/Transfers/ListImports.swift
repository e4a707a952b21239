internal import ShaleTables
internal import ShaleWire

/// Lists imports, the newest first, a page at a time.
enum ListImports: Operation {
    static let name = "ListImports"
    private static let members = [
        "ImportStatus", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "EndTime",
    ]

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> TransferListRequest {
        try TransferListRequest(&reader, &constraints, limit: "PageSize", at: "pageSize")
    }

    static func call(
        _ request: TransferListRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TransferPage {
        try request.page(of: .import, service)
    }

    static func encode(
        _ page: TransferPage,
        to request: TransferListRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.transfers(page, named: "ImportSummaryList", only: members, service)
    }
}
