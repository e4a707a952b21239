internal import ShaleBytes
internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// The work of one import: reads the objects one after the other, piece by piece, and puts their items.
///
/// A record that is no item of the table is counted, and passed over. An object that cannot be read to its end, as
/// one that is no gzip, ends the import; the table goes then.
struct ImportJob: Sendable {
    private static let pieceSizeBytes = 1024 * 1024
    private static let itemsPerBatch = 256

    let service: Service
    let record: TransferRecord
    let imported: ImportedTable
    let request: ImportTable.Request

    /// Imports, and remembers what came of it.
    ///
    /// One that is interrupted because the database is being closed stays as it is: the next start goes on with it.
    func run() async {
        var done = record
        var counts = ImportCounts()
        do throws(DatabaseError) {
            try await importAll(&counts)
            _ = try await service.database.finishImport(imported)
            done.description["ImportStatus"] = "COMPLETED"
        } catch {
            guard !Task.isCancelled else { return }
            done.description["ImportStatus"] = "FAILED"
            done.description["FailureCode"] = .string(counts.failureCode ?? "InternalServerError")
            done.description["FailureMessage"] = .string(error.message)
        }
        done.description["EndTime"] = AttributeValue(milliseconds: service.database.nowMilliseconds)
        done.description["ProcessedSizeBytes"] = AttributeValue(counts.sizeBytes)
        done.description["ProcessedItemCount"] = AttributeValue(counts.processed)
        done.description["ImportedItemCount"] = AttributeValue(counts.imported)
        done.description["ErrorCount"] = AttributeValue(counts.processed - counts.imported)
        do throws(DatabaseError) {
            if done.description["ImportStatus"] == "FAILED" {
                try await service.database.abandonImport(imported)
            }
            try await service.database.remember(done)
        } catch {
            // Nothing says that it has ended: the next start does it again.
        }
        if let first = counts.firstError {
            service.database.tell(
                .importRefusedItems(
                    table: record.identity.tableName,
                    count: counts.processed - counts.imported,
                    first: first
                )
            )
        }
    }

    private func importAll(_ counts: inout ImportCounts) async throws(DatabaseError) {
        guard let bucket = service.buckets[request.bucket] else {
            counts.failureCode = "S3NoSuchBucket"
            throw DatabaseError(.resourceNotFound, "The specified bucket does not exist")
        }
        let prefix = request.prefix
        let found: Result<[String], BucketError> = await service.database.blocking {
            Result { () throws(BucketError) in try bucket.list(prefix: prefix) }
        }
        let keys = try found.forTransfer()
        counts.totalBytes = await totalBytes(of: keys, in: bucket)
        for key in keys {
            do throws(DatabaseError) {
                try await importObject(key, bucket, &counts)
            } catch {
                counts.failureCode = counts.failureCode ?? (error.engine == nil ? "S3Error" : nil)
                throw error
            }
        }
    }

    private func importObject(
        _ key: String,
        _ bucket: any Bucket,
        _ counts: inout ImportCounts
    ) async throws(DatabaseError) {
        var records = ObjectRecords(
            key: key,
            bucket: bucket,
            isCompressed: request.isCompressed,
            delimiter: request.format.delimiter
        )
        var reading = RecordReading(request)
        while let piece = try await next(&records) {
            if Task.isCancelled {
                throw DatabaseError(.internalFailure, "The server was stopped.")
            }
            counts.sizeBytes += piece.sizeBytes
            var items: [Item] = []
            for record in piece.records {
                do throws(WireError) {
                    guard let item = try reading.item(record) else { continue }
                    items.append(item)
                    counts.processed += 1
                } catch {
                    counts.processed += 1
                    counts.firstError = counts.firstError ?? "\(key): \(error.message)"
                }
                if items.count == Self.itemsPerBatch { try await put(&items, key, &counts) }
            }
            try await put(&items, key, &counts)
            note(counts)
        }
    }

    /// For who looks on: an object that cannot be looked at is found when it is read.
    private func totalBytes(of keys: [String], in bucket: any Bucket) async -> Int {
        await service.database.blocking {
            // The read of such an object throws the same error, which ends the import.
            keys.reduce(0) { $0 + ((try? bucket.sizeBytes(of: $1)) ?? 0) }
        }
    }

    private func note(_ counts: ImportCounts) {
        let progress = TransferProgress(
            done: counts.sizeBytes,
            total: counts.totalBytes,
            items: counts.imported
        )
        service.database.note(progress, of: record.identity)
    }

    private func put(
        _ items: inout [Item],
        _ key: String,
        _ counts: inout ImportCounts
    ) async throws(DatabaseError) {
        guard !items.isEmpty else { return }
        let (refused, first) = try await service.database.put(items, into: imported)
        counts.imported += items.count - refused
        if let first { counts.firstError = counts.firstError ?? "\(key): \(first)" }
        items = []
    }

    private func next(
        _ records: inout ObjectRecords
    ) async throws(DatabaseError) -> ObjectRecords.Piece? {
        let before = records
        let result: Result<(ObjectRecords, ObjectRecords.Piece?), BucketError> =
            await service.database.blocking {
                Result { () throws(BucketError) in
                    var after = before
                    let piece = try after.next(Self.pieceSizeBytes)
                    return (after, piece)
                }
            }
        let (after, piece) = try result.forTransfer()
        records = after
        return piece
    }
}

/// What has become of the records so far.
struct ImportCounts: Sendable {
    var sizeBytes = 0
    /// Of all objects.
    var totalBytes = 0
    var processed = 0
    var imported = 0
    var firstError: String?
    var failureCode: String?
}

/// Makes items of an object's records.
struct RecordReading {
    private let format: ImportFormat
    private let definitions: [AttributeDefinition]
    private var header: [String]?

    init(_ request: ImportTable.Request) {
        format = request.format
        definitions = request.table.attributeDefinitions
        if case .csv(let options) = format { header = options.header }
    }

    /// The item of a record; nil where it names the fields.
    mutating func item(_ record: RecordSplitter.Record) throws(WireError) -> Item? {
        guard case .whole(let bytes) = record else {
            throw .validation("a line is longer than \(RecordSplitter.recordLimitBytes) bytes")
        }
        switch format {
        case .json: return try ImportFormat.item(json: bytes)
        case .csv(let options):
            guard let fields = options.fields(bytes) else {
                throw .validation("a quote does not end")
            }
            guard let header else {
                header = fields
                return nil
            }
            return try CSVOptions.item(fields, header, definitions)
        }
    }
}
