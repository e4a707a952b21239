internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Writes the items that a table had at a time, or what was written to it between two, into a bucket, in the background.
enum ExportTableToPointInTime: Operation {
    static let name = "ExportTableToPointInTime"
    private static let arnLengths = 1...1_024

    struct Request: Sendable {
        var tableName = ""
        var bucket = ""
        var prefix: String?
        var milliseconds: Int64?
        /// Which changes; nil is all items.
        var span: ExportSpan?
        /// What is remembered of the request, by the names of its members.
        var members = Item()
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        var table: String?
        var bucket: String?
        request.members["ExportFormat"] = "DYNAMODB_JSON"
        request.members["ExportType"] = "FULL_EXPORT"
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableArn":
                table = try TableName.read(&reader, &constraints, at: "tableArn")
            case "S3Bucket":
                bucket = try BucketMembers.read(&reader, &constraints, at: "s3Bucket")
            case "ExportTime":
                request.milliseconds = try reader.readMilliseconds()
            case "S3Prefix":
                let prefix = try reader.readString(
                    BucketMembers.prefixLengths,
                    at: "s3Prefix",
                    &constraints
                )
                request.prefix = prefix
                request.members[name] = .string(prefix)
            case "ClientToken", "S3BucketOwner":
                request.members[name] = .string(try reader.readString())
            case "S3SseKmsKeyId":
                let key = try reader.readString(1...2048, at: "s3SseKmsKeyId", &constraints)
                request.members[name] = .string(key)
            case "S3SseAlgorithm":
                let word = try reader.readWord(
                    of: ["AES256", "KMS"],
                    at: "s3SseAlgorithm",
                    &constraints
                )
                request.members[name] = word.map { .string($0) }
            case "ExportFormat": try format(&reader, &constraints)
            case "ExportType":
                let words = ["FULL_EXPORT", "INCREMENTAL_EXPORT"]
                let word = try reader.readWord(of: words, at: "exportType", &constraints)
                request.members[name] = word.map { .string($0) }
            case ExportSpan.member: request.span = try ExportSpan(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(table != nil, "tableArn")
        constraints.require(bucket != nil, "s3Bucket")
        request.tableName = try constraints.required(table, "TableArn")
        request.bucket = try constraints.required(bucket, "S3Bucket")
        request.members["S3Bucket"] = .string(request.bucket)
        try request.requireOneType()
        return request
    }

    private static func format(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        let words = ["DYNAMODB_JSON", "ION"]
        let word = try reader.readWord(of: words, at: "exportFormat", &constraints)
        guard word != "ION" else {
            return try reader.refuse(
                .validation("ExportFormat ION is not supported by this server.")
            )
        }
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> TransferRecord {
        if let known = service.record(.export, token: request.members["ClientToken"]?.stringValue) {
            guard request.isSame(as: known) else {
                throw DatabaseError(
                    .exportConflict,
                    "There was an attempt to use the same client token with other parameters"
                )
            }
            return known
        }
        let source = try await request.source(service)
        let identity = service.database.newTransfer(.export, source.table.tableName)
        var record = TransferRecord(identity: identity, description: request.members)
        record.description["ExportStatus"] = "IN_PROGRESS"
        record.description["StartTime"] = AttributeValue(
            milliseconds: service.database.nowMilliseconds
        )
        switch source {
        case .items(let past):
            record.description["ExportTime"] = AttributeValue(milliseconds: past.milliseconds)
        case .changes(let changes, _):
            record.description[ExportSpan.member] = request.span.map {
                .map($0.description(changes.span))
            }
        }
        record.description["TableId"] = .string(source.table.tableID)
        do throws(DatabaseError) {
            try await service.database.remember(record)
        } catch {
            try await source.leave(service.database)
            throw error
        }
        let job = ExportJob(service: service, record: record, source: source, request: request)
        service.database.run(identity) { await job.run() }
        return record
    }

    static func encode(
        _ record: TransferRecord,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ExportDescription")
        writer.transfer(record, service)
    }
}

extension ExportTableToPointInTime.Request {
    /// Refuses members that are of the other type of export.
    fileprivate func requireOneType() throws(WireError) {
        let isOfChanges = members["ExportType"] == "INCREMENTAL_EXPORT"
        if isOfChanges, span == nil {
            throw .validation(
                "IncrementalExportSpecification must be specified when ExportType is INCREMENTAL_EXPORT"
            )
        }
        if isOfChanges, milliseconds != nil {
            throw .validation(
                "ExportTime cannot be specified when ExportType is INCREMENTAL_EXPORT"
            )
        }
        if !isOfChanges, span != nil {
            throw .validation(
                "IncrementalExportSpecification can only be specified when ExportType is "
                    + "INCREMENTAL_EXPORT"
            )
        }
    }

    /// Finds what is exported.
    func source(_ service: Service) async throws(DatabaseError) -> ExportSource {
        let database = service.database
        do throws(DatabaseError) {
            if let span {
                let first = try span.checkedFirst(at: database.nowMilliseconds)
                return .changes(
                    try await database.findPastChanges(of: tableName, from: first, to: span.end),
                    span.view
                )
            }
            if service.exportsPresent, milliseconds == nil {
                return .items(try await database.findPresent(of: tableName))
            }
            let time = milliseconds.map { RestoreTime.at($0) } ?? .latest
            return .items(try await database.findPast(of: tableName, at: time))
        } catch {
            guard error.code == .invalidRestoreTime else { throw error }
            throw DatabaseError(
                .invalidExportTime,
                "The specified ExportTime is outside of the point in time recovery window."
            )
        }
    }

    /// Whether an export was asked for with the same parameters.
    fileprivate func isSame(as record: TransferRecord) -> Bool {
        let isSameTime =
            milliseconds == nil
            || record.description["ExportTime"] == milliseconds.map { .init(milliseconds: $0) }
        let isSameSpan = span.map { $0.isSame(as: record.description[ExportSpan.member]) } ?? true
        return isSameTime && isSameSpan
            && TextOrder.areEqual(record.identity.tableName, tableName)
            && members.allSatisfy { record.description[$0.name] == $0.value }
    }
}
