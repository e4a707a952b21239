internal import ShaleBytes
internal import ShaleItems
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// What there is of backups and exports, as somebody from outside reads it.
enum CopyContents {
    /// The directory of the bucket, beside that of the database.
    static let bucketDirectory = "bucket"
    private static let bucketName = "copies"
    private static let partialPrefix = ".shale-put-"

    static func service(_ database: Database, _ world: World) -> Service {
        var service = Service(database: database, region: "here", endpoint: "")
        service.buckets = [bucketName: DirectoryBucket(bucketDirectory, in: world)]
        return service
    }

    /// A request for an export under a prefix; without a time, of the table as it is.
    static func request(_ name: String, _ table: String, at milliseconds: Int64?) -> RequestBody {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("TableArn", table)
        writer.member("S3Bucket", bucketName)
        writer.member("S3Prefix", name)
        if let milliseconds {
            writer.name("ExportTime")
            writer.double(Double(milliseconds) / 1_000)
        }
        writer.endObject()
        return RequestBody(writer.bytes)
    }

    /// All backups by the names that were asked for.
    static func backups(_ database: Database) throws -> [String: BackupIdentity] {
        var found: [String: BackupIdentity] = [:]
        var request = ListBackupsRequest()
        request.limit = 2
        repeat {
            let page = try database.listBackups(request)
            for backup in page.backups { found[backup.name] = backup.identity }
            request.exclusiveStart = page.lastEvaluated
        } while request.exclusiveStart != nil
        return found
    }

    /// All exports by their prefixes.
    static func exports(_ database: Database) -> [String: TransferRecord] {
        var found: [String: TransferRecord] = [:]
        for record in database.transfers(.export) {
            found[record.description["S3Prefix"]?.stringValue ?? ""] = record
        }
        return found
    }

    /// Whether any export goes on.
    static func isExporting(_ database: Database) -> Bool {
        database.transfers(.export).contains { database.isRunning($0.identity) }
    }

    /// Compares what an export that has ended has written, and then takes it away.
    static func compare(_ entry: CopyBook.Entry, _ life: TableLife, _ world: World) throws {
        guard let record = exports(life.database)[entry.name] else {
            throw Failure("\(entry.name) was begun, and is not remembered")
        }
        let bucket = DirectoryBucket(bucketDirectory, in: world)
        switch record.description["ExportStatus"] {
        case "COMPLETED":
            try life.copies.compare(entry, items(record, bucket), life.swarm)
        case "FAILED" where entry.mayFail: break
        case "IN_PROGRESS" where entry.mayFail || life.database.isRunning(record.identity): return
        default: throw Failure("\(entry.name) has ended as \(record.description.words)")
        }
        life.copies.finish(entry.name)
        for key in try bucket.list(prefix: entry.name + "/") { try bucket.delete(key) }
    }

    /// The items that a manifest leads to, each file with the digest that it says.
    private static func items(_ record: TransferRecord, _ bucket: DirectoryBucket) throws -> [Item]
    {
        func read(_ key: String) throws -> [UInt8] {
            try bucket.read(key, at: 0, count: try bucket.sizeBytes(of: key))
        }
        guard let summary = record.description["ExportManifest"]?.stringValue else {
            throw Failure("an export that has ended has no manifest")
        }
        _ = try read(summary)
        let manifest = try read(summary.replacing("manifest-summary", with: "manifest-files"))
        var items: [Item] = []
        for line in manifest.split(separator: UInt8(ascii: "\n")) {
            let file = try strings(Array(line))
            let packed = try read(file["dataFileS3Key"] ?? "")
            guard ContentDigest(of: packed).base64 == file["md5Checksum"] else {
                throw Failure("\(file) does not have the digest that its manifest says")
            }
            var bytes: [UInt8] = []
            try Inflater().add(packed) { bytes += $0 }
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                items.append(try item(Array(line)))
            }
        }
        guard record.description["ItemCount"]?.numberValue?.intValue == items.count else {
            throw Failure("an export holds \(items.count) items: \(record.description.words)")
        }
        return items
    }

    /// The members of an object that are texts.
    private static func strings(_ line: [UInt8]) throws -> [String: String] {
        var reader = JSONReader(line)
        var found: [String: String] = [:]
        try reader.readStructure { (reader, name) throws(WireError) in
            guard name == "dataFileS3Key" || name == "md5Checksum" else {
                return try reader.skipValue()
            }
            found[name] = try reader.readString()
        }
        return found
    }

    private static func item(_ line: [UInt8]) throws -> Item {
        var reader = JSONReader(line)
        var item = Item()
        try reader.readStructure { (reader, _) throws(WireError) in item = try reader.readItem() }
        try reader.finish()
        return item
    }

    // MARK: What may be left

    /// The name of a file that nothing will ever take away; nil where there is none.
    static func leftover(
        _ database: Database,
        _ directory: String,
        _ world: World
    ) throws -> String? {
        let labels = Set(try backups(database).values.map(\.label))
        let found = try names(directory + "/backups", world)
        if let name = found.first(where: { !labels.contains($0) }) { return "backups/" + name }
        if let label = labels.subtracting(found).min() { return "no directory of \(label)" }
        if try names(directory + "/archive", world).contains("point-new") { return "point-new" }
        return try partial(bucketDirectory, world)
    }

    private static func names(_ directory: String, _ world: World) throws -> [String] {
        try world.files.kind(of: directory) == nil ? [] : world.files.list(directory)
    }

    private static func partial(_ directory: String, _ world: World) throws -> String? {
        for name in try world.files.list(directory) {
            let path = directory + "/" + name
            if name.hasPrefix(partialPrefix) { return path }
            guard try world.files.kind(of: path) == .directory else { continue }
            if let found = try partial(path, world) { return found }
        }
        return nil
    }
}
