internal import ShaleBytes
internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// The data files of one export: lines are gathered, compressed and put, some megabytes at a time.
actor ExportFiles {
    /// What all files together hold.
    struct Sum: Sendable {
        var items = 0
        /// Bytes of the items, or of their images, as they are stored.
        var sizeBytes = 0
        /// A line for each file.
        var manifest: [UInt8] = []
    }

    /// Lines of one file, bytes.
    private static let fileSizeBytes = 8 * 1024 * 1024
    private static let nameDigits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    private static let nameLength = 26

    private let bucket: any Bucket
    private let base: String
    private let dataDirectory: String
    private let database: Database
    private var lines: [UInt8] = []
    private var lineCount = 0
    private var fileCount: UInt64 = 0
    private var sum = Sum()

    /// `base` is where the export's own files are, `dataDirectory` where those with lines are.
    init(bucket: any Bucket, base: String, dataDirectory: String, database: Database) {
        self.bucket = bucket
        self.base = base
        self.dataDirectory = dataDirectory
        self.database = database
    }

    /// Deletes what an interruption of the same export has left: data files, and parts of the object that was being put,
    /// which is the one behind the last that is there, or one of `others`.
    func clear(_ others: [String]) async throws(DatabaseError) {
        let bucket = bucket
        var count: UInt64 = 0
        while try await isThere(key(count)) { count += 1 }
        // From the last on, so that there is no gap when this is interrupted.
        let data = (0...count).reversed().map { key($0) }
        let result: Result<Void, BucketError> = await database.blocking {
            Result { () throws(BucketError) in
                for key in others + data { try bucket.discardPartial(key) }
                for key in data { try bucket.delete(key) }
            }
        }
        try result.forTransfer()
    }

    private func isThere(_ key: String) async throws(DatabaseError) -> Bool {
        let bucket = bucket
        let result: Result<Bool, BucketError> = await database.blocking {
            Result { () throws(BucketError) in
                do throws(BucketError) {
                    _ = try bucket.sizeBytes(of: key)
                    return true
                } catch {
                    guard error.code == .notFound else { throw error }
                    return false
                }
            }
        }
        return try result.forTransfer()
    }

    /// Adds stored items: lines of `{"Item":{…}}`.
    ///
    /// - Returns: How many lines there are by now.
    func add(_ values: [[UInt8]]) async throws(DatabaseError) -> Int {
        for value in values {
            try addLine { (writer) throws(ItemError) in
                writer.name("Item")
                try writer.item(encoded: value.span)
            }
            sum.sizeBytes += value.count
        }
        if lines.count >= Self.fileSizeBytes { try await putFile() }
        return sum.items + lineCount
    }

    /// Adds changes of items: lines of `{"Metadata":{…},"Keys":{…},"OldImage":{…},"NewImage":{…}}`.
    ///
    /// - Returns: How many lines there are by now.
    func add(
        _ changes: [PastChange],
        _ view: ExportSpan.View
    ) async throws(DatabaseError) -> Int {
        for change in changes {
            let images = [
                ("OldImage", view == .newAndOld ? change.old : nil), ("NewImage", change.new),
            ]
            try addLine { (writer) throws(ItemError) in
                writer.name("Metadata")
                writer.item(["WriteTimestampMicros": .number(Number(1_000 * change.milliseconds))])
                writer.name("Keys")
                writer.item(change.keys)
                for case (let name, let image?) in images {
                    writer.name(name)
                    try writer.item(encoded: image.span)
                }
            }
            sum.sizeBytes += images.reduce(0) { $0 + ($1.1?.count ?? 0) }
        }
        if lines.count >= Self.fileSizeBytes { try await putFile() }
        return sum.items + lineCount
    }

    private func addLine(
        _ members: (inout JSONWriter) throws(ItemError) -> Void
    ) throws(DatabaseError) {
        var writer = JSONWriter(continuing: &lines)
        writer.beginLine()
        do throws(ItemError) {
            try members(&writer)
        } catch {
            throw DatabaseError(.internalFailure, "item: \(error.description)")
        }
        writer.endObject()
        lines = writer.take()
        lines.append(UInt8(ascii: "\n"))
        lineCount += 1
    }

    /// Puts what is left.
    func finish() async throws(DatabaseError) -> Sum {
        if lineCount > 0 || fileCount == 0 { try await putFile() }
        return sum
    }

    private func putFile() async throws(DatabaseError) {
        let (lines, count) = (self.lines, lineCount)
        self.lines = []
        lineCount = 0
        let key = key(fileCount)
        fileCount += 1
        let bucket = bucket
        let result: Result<ContentDigest, BucketError> = await database.blocking {
            Result { () throws(BucketError) in
                let packed = Zlib.compress(lines, .gzip)
                try bucket.put(key, packed)
                return ContentDigest(of: packed)
            }
        }
        let digest = try result.forTransfer()
        sum.items += count
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("itemCount", count)
        writer.member("md5Checksum", digest.base64)
        writer.member("etag", digest.hexadecimal + "-1")
        writer.member("dataFileS3Key", key)
        writer.endObject()
        sum.manifest += writer.bytes + [UInt8(ascii: "\n")]
    }

    /// Puts a small object.
    func put(_ key: String, _ bytes: [UInt8]) async throws(DatabaseError) {
        let bucket = bucket
        let result: Result<Void, BucketError> = await database.blocking {
            Result { () throws(BucketError) in try bucket.put(key, bytes) }
        }
        try result.forTransfer()
    }

    /// Where the file of a number is: the same each time.
    nonisolated func key(_ number: UInt64) -> String { "\(dataDirectory)/\(name(number)).json.gz" }

    /// 26 digits of base 32, which hide the number.
    private nonisolated func name(_ number: UInt64) -> String {
        let digest = ContentDigest(of: Array("\(base)/\(number)".utf8)).hexadecimal
        let bytes = Array(digest.utf8).prefix(Self.nameLength).map { byte in
            Self.nameDigits[Int(byte) % Self.nameDigits.count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Result where Failure == BucketError {
    /// The answer; a failure as the layer of tables has it.
    func forTransfer() throws(DatabaseError) -> Success {
        do throws(BucketError) {
            return try get()
        } catch {
            throw DatabaseError(.internalFailure, error.description)
        }
    }
}
