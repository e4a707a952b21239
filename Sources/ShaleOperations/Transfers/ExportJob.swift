internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// The work of one export, with the layout and the files of the service.
///
///     PREFIX/AWSDynamoDB/EXPORT/_started                nothing
///     PREFIX/AWSDynamoDB/EXPORT/data/NAME.json.gz       lines of items, compressed by gzip
///     PREFIX/AWSDynamoDB/data/NAME.json.gz              the same of changes: all exports of changes share it
///     PREFIX/AWSDynamoDB/EXPORT/manifest-files.json     a line for each of them: items, digest, key
///     PREFIX/AWSDynamoDB/EXPORT/manifest-files.md5      its MD5 in base64
///     PREFIX/AWSDynamoDB/EXPORT/manifest-summary.json   what was exported, and how it went
///     PREFIX/AWSDynamoDB/EXPORT/manifest-summary.md5    its MD5 in base64
///
/// The summary comes last: where it is, all else is.
struct ExportJob: Sendable {
    let service: Service
    let record: TransferRecord
    let source: ExportSource
    let request: ExportTableToPointInTime.Request

    /// Exports, and remembers what came of it.
    ///
    /// One that is interrupted because the database is being closed stays as it is: the next start goes on with it.
    func run() async {
        var done = record
        do throws(DatabaseError) {
            let files = try await export()
            done.description["ExportStatus"] = "COMPLETED"
            done.description["ExportManifest"] = .string(base + "/manifest-summary.json")
            done.description["ItemCount"] = AttributeValue(files.items)
            done.description["BilledSizeBytes"] = AttributeValue(files.sizeBytes)
        } catch {
            guard !Task.isCancelled else { return }
            done.description["ExportStatus"] = "FAILED"
            let isBucket = error.code == .resourceNotFound
            done.description["FailureCode"] = isBucket ? "S3NoSuchBucket" : "UNKNOWN"
            done.description["FailureMessage"] = .string(error.message)
        }
        done.description["EndTime"] = AttributeValue(milliseconds: service.database.nowMilliseconds)
        do throws(DatabaseError) {
            try await service.database.remember(done)
        } catch {
            // Nothing says that it was completed: the next start does it again.
        }
    }

    private var root: String {
        let prefix = request.prefix.map { $0.isEmpty ? "" : $0.hasSuffix("/") ? $0 : $0 + "/" }
        return (prefix ?? "") + "AWSDynamoDB/"
    }

    private var base: String { root + record.identity.label }

    private var dataDirectory: String {
        switch source {
        case .items: base + "/data"
        case .changes: root + "data"
        }
    }

    /// All that it writes besides data files.
    private var marks: [String] {
        ["_started"]
            + ["manifest-files", "manifest-summary"].flatMap { ["\($0).md5", "\($0).json"] }
    }

    private func export() async throws(DatabaseError) -> ExportFiles.Sum {
        guard let bucket = service.buckets[request.bucket] else {
            try await source.leave(service.database)
            throw DatabaseError(.resourceNotFound, "The specified bucket does not exist")
        }
        let files = ExportFiles(
            bucket: bucket,
            base: base,
            dataDirectory: dataDirectory,
            database: service.database
        )
        do throws(DatabaseError) {
            try await files.clear(marks.map { "\(base)/\($0)" })
            try await files.put(base + "/_started", [])
        } catch {
            try await source.leave(service.database)
            throw error
        }
        try await source.read(into: files, service.database, for: record.identity)
        let sum = try await files.finish()
        try await put("manifest-files", sum.manifest, files)
        try await put("manifest-summary", summary(sum), files)
        return sum
    }

    private func put(
        _ name: String,
        _ bytes: [UInt8],
        _ files: ExportFiles
    ) async throws(DatabaseError) {
        let digest = Array(ContentDigest(of: bytes).base64.utf8)
        try await files.put("\(base)/\(name).md5", digest)
        try await files.put("\(base)/\(name).json", bytes)
    }

    private func summary(_ sum: ExportFiles.Sum) -> [UInt8] {
        let description = record.description
        let started = description["StartTime"]?.numberValue?.intValue ?? 0
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "2023-08-01")
        writer.member("exportArn", service.resourceName(of: record.identity))
        writer.member("startTime", Self.text(Int64(started)))
        writer.member("endTime", Self.text(service.database.nowMilliseconds))
        writer.member("tableArn", service.resourceName(ofTable: record.identity.tableName))
        writer.member("tableId", source.table.tableID)
        switch source {
        case .items(let past): writer.member("exportTime", Self.text(past.milliseconds))
        case .changes(let changes, _):
            writer.member("exportFromTime", Self.text(changes.span.lowerBound))
            writer.member("exportToTime", Self.text(changes.span.upperBound))
        }
        writer.member("s3Bucket", request.bucket)
        writer.optional("s3Prefix", request.prefix)
        writer.member("s3SseAlgorithm", description["S3SseAlgorithm"]?.stringValue ?? "AES256")
        writer.optional("s3SseKmsKeyId", description["S3SseKmsKeyId"]?.stringValue)
        writer.member("manifestFilesS3Key", base + "/manifest-files.json")
        writer.member("billedSizeBytes", sum.sizeBytes)
        writer.member("itemCount", sum.items)
        writer.member("outputFormat", "DYNAMODB_JSON")
        switch source {
        case .items: writer.member("exportType", "FULL_EXPORT")
        case .changes(_, let view):
            writer.member("outputView", view.rawValue)
            writer.member("exportType", "INCREMENTAL_EXPORT")
        }
        writer.endObject()
        return writer.bytes
    }

    private static func text(_ milliseconds: Int64) -> String {
        CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: milliseconds % 1_000)
    }
}

extension JSONWriter {
    fileprivate mutating func optional(_ name: String, _ text: String?) {
        self.name(name)
        if let text { string(text) } else { null() }
    }
}
