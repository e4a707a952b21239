internal import ShaleTables
internal import ShaleWire

/// Lists backups, a page at a time.
enum ListBackups: Operation {
    static let name = "ListBackups"
    private static let limits = 1...100
    private static let types = ["USER", "SYSTEM", "AWS_BACKUP", "ALL"]

    struct Request: Sendable {
        var list = ListBackupsRequest()
        var exclusiveStart: BackupName?
        /// Whether only backups of a kind are wanted that are never made here.
        var isOfOthers = false
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": request.list.tableName = try TableName.read(&reader, &constraints)
            case "Limit":
                request.list.limit = try reader.readInteger()
                constraints.check(request.list.limit, in: limits, at: "limit")
            case "TimeRangeLowerBound":
                request.list.sinceMilliseconds = try reader.readMilliseconds()
            case "TimeRangeUpperBound":
                request.list.beforeMilliseconds = try reader.readMilliseconds()
            case "ExclusiveStartBackupArn":
                request.exclusiveStart = try BackupName.read(
                    &reader,
                    &constraints,
                    at: "exclusiveStartBackupArn"
                )
            case "BackupType":
                let word = try reader.readWord(of: types, at: "backupType", &constraints) ?? "ALL"
                request.list.type = BackupType(rawValue: word)
                request.isOfOthers = word.utf8.elementsEqual("AWS_BACKUP".utf8)
            default: try reader.skipValue()
            }
        }
        try constraints.finish()
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> ListBackupsResponse {
        var list = request.list
        list.exclusiveStart = try request.exclusiveStart?.identity(service)
        guard !request.isOfOthers else { return ListBackupsResponse(backups: []) }
        return try service.database.listBackups(list)
    }

    static func encode(
        _ response: ListBackupsResponse,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("BackupSummaries")
        writer.array(response.backups) { writer, backup in writer.backupSummary(backup, service) }
        if let last = response.lastEvaluated {
            writer.member("LastEvaluatedBackupArn", service.resourceName(of: last))
        }
    }
}
