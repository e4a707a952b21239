internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Makes a table of the objects in a bucket, in the background.
enum ImportTable: Operation {
    static let name = "ImportTable"
    private static let formats = ["DYNAMODB_JSON", "ION", "CSV"]
    private static let compressions = ["GZIP", "ZSTD", "NONE"]

    struct Request: Sendable {
        var bucket = ""
        var prefix = ""
        var isCompressed = false
        var format = ImportFormat.json
        var table = CreateTableRequest(tableName: "", attributeDefinitions: [], keySchema: [])
        /// What is remembered of the request, by the names of its members.
        var members = Item()
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        var (source, format): (Item?, String?)
        var csv = CSVOptions()
        var table: CreateTableRequest?
        request.members["InputCompressionType"] = "NONE"
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "S3BucketSource": source = try self.source(&reader, &constraints)
            case "InputFormat":
                format =
                    try reader.readWord(of: formats, at: "inputFormat", &constraints)
                    ?? formats[0]
            case "InputCompressionType":
                let word = try reader.readWord(
                    of: compressions,
                    at: "inputCompressionType",
                    &constraints
                )
                request.members[name] = word.map { .string($0) }
            case "InputFormatOptions":
                csv = try CSVOptions(&reader, &constraints)
                request.members[name] = .map(csv.members)
            case "TableCreationParameters":
                table = try CreateTable.decodeMembers(
                    &reader,
                    &constraints,
                    at: "tableCreationParameters."
                )
            case "ClientToken": request.members[name] = .string(try reader.readString())
            default: try reader.skipValue()
            }
        }
        constraints.require(source != nil, "s3BucketSource")
        constraints.require(format != nil, "inputFormat")
        constraints.require(table != nil, "tableCreationParameters")
        let objects = try constraints.required(source, "S3BucketSource")
        request.table = try constraints.required(table, "TableCreationParameters")
        request.members["S3BucketSource"] = .map(objects)
        request.bucket = objects["S3Bucket"]?.stringValue ?? ""
        request.prefix = objects["S3KeyPrefix"]?.stringValue ?? ""
        let word = try constraints.required(format, "InputFormat")
        request.members["InputFormat"] = .string(word)
        try request.choose(word, csv)
        return request
    }

    private static func source(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Item {
        var source = Item()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "S3Bucket":
                let path = "s3BucketSource.s3Bucket"
                source[name] = .string(
                    try BucketMembers.read(&reader, &constraints, at: path)
                )
            case "S3KeyPrefix":
                source[name] = .string(
                    try reader.readString(
                        BucketMembers.prefixLengths,
                        at: "s3BucketSource.s3KeyPrefix",
                        &constraints
                    )
                )
            case "S3BucketOwner": source[name] = .string(try reader.readString())
            default: try reader.skipValue()
            }
        }
        constraints.require(source.contains(name: "S3Bucket"), "s3BucketSource.s3Bucket")
        return source
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> TransferRecord {
        if let known = service.record(.import, token: request.members["ClientToken"]?.stringValue) {
            let isSame =
                TextOrder.areEqual(known.identity.tableName, request.table.tableName)
                && request.members.allSatisfy { known.description[$0.name] == $0.value }
                && known.description["TableCreationParameters"] == .map(request.table.parameters)
            guard isSame else {
                throw DatabaseError(
                    .importConflict,
                    "There was an attempt to use the same client token with other parameters"
                )
            }
            return known
        }
        let identity = service.database.newTransfer(.import, request.table.tableName)
        let imported = try await service.database.beginImport(request.table, identity)
        var record = TransferRecord(identity: identity, description: request.members)
        record.description["ImportStatus"] = "IN_PROGRESS"
        record.description["TableCreationParameters"] = .map(request.table.parameters)
        record.description["StartTime"] = AttributeValue(
            milliseconds: service.database.nowMilliseconds
        )
        record.description["TableId"] = .string(imported.table.tableID)
        do throws(DatabaseError) {
            try await service.database.remember(record)
        } catch {
            try await service.database.abandonImport(imported)
            throw error
        }
        let job = ImportJob(
            service: service,
            record: record,
            imported: imported,
            request: request
        )
        service.database.run(identity) { await job.run() }
        return record
    }

    static func encode(
        _ record: TransferRecord,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ImportTableDescription")
        writer.transfer(record, service)
    }
}

extension ImportTable.Request {
    /// Notes how objects are read; what cannot be read here is refused by its name.
    fileprivate mutating func choose(_ word: String, _ csv: CSVOptions) throws(WireError) {
        switch word {
        case "ION": throw .validation("InputFormat ION is not supported by this server.")
        case "CSV": format = .csv(csv)
        default: format = .json
        }
        let compression = members["InputCompressionType"]
        guard compression != "ZSTD" else {
            throw .validation("InputCompressionType ZSTD is not supported by this server.")
        }
        isCompressed = compression == "GZIP"
    }
}
