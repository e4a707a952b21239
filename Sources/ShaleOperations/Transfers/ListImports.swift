internal import ShaleTables
internal import ShaleWire

/// Lists imports, the newest first, a page at a time.
enum ListImports: Operation {
    static let name = "ListImports"
    private static let limits = 1...25
    private static let members = [
        "ImportStatus", "TableArn", "S3BucketSource", "InputFormat", "StartTime", "EndTime",
    ]

    struct Request: Sendable {
        var tableName: String?
        var limit: Int?
        var nextToken: String?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableArn":
                request.tableName = try TableName.read(&reader, &constraints, at: "tableArn")
            case "PageSize":
                request.limit = try reader.readInteger()
                constraints.check(request.limit, in: limits, at: "pageSize")
            case "NextToken": request.nextToken = try reader.readString()
            default: try reader.skipValue()
            }
        }
        try constraints.finish()
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> TransferPage {
        try TransferPage(
            service.database.transfers(.import),
            ofTable: request.tableName,
            behind: request.nextToken,
            limit: request.limit ?? limits.upperBound
        )
    }

    static func encode(
        _ page: TransferPage,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ImportSummaryList")
        writer.array(page.records) { writer, record in
            writer.transfer(record, service, only: members)
        }
        if let next = page.nextToken { writer.member("NextToken", next) }
    }
}
