import ShaleBytes
import ShaleItems
import ShalePlatform
import ShaleTables
import ShaleWire
import Synchronization
import Testing

@testable import ShaleOperations

/// Exports and imports that a crash or a stop has interrupted, and what the next start makes of them.
@Suite struct TransferResumeTests {
    private static let options: DatabaseOptions = {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        options.resumesImports = true
        return options
    }()
    private static let table = "arn:aws:dynamodb:eu-test-1:000000000000:table/abc"

    private static func service(_ database: Database, _ world: World) -> Service {
        var service = Service(database: database, region: "eu-test-1", endpoint: "")
        service.buckets = ["things": DirectoryBucket("bucket", in: world)]
        return service
    }

    static func run(
        _ operation: String,
        _ body: String,
        _ service: Service
    ) async throws {
        let body = RequestBody(Array(body.utf8))
        _ = try await OperationRegistry.run(operation, body, on: service)
    }

    /// A database with a table of five items that keeps its past, and a bucket.
    static func withTable(
        _ body: (World, Service) async throws -> Void
    ) async throws {
        var world = World.inMemory()
        world.time = TurnedTime()
        defer { world.scheduler.shutDown() }
        try world.files.createDirectory("bucket")
        let database = try await Database.open("db", options, in: world)
        let service = service(database, world)
        try await run("CreateTable", OperationsTests.create.body, service)
        for sort in 0..<5 { try await run("PutItem", OperationsTests.put(sort).body, service) }
        try await run(
            "UpdateContinuousBackups",
            #"{"TableName":"abc","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}"#,
            service
        )
        try await body(world, service)
    }

    static func awaitEnd(_ service: Service) async -> [Item] {
        let records = TransferIdentity.Kind.allCases.flatMap { service.database.transfers($0) }
        for record in records {
            while service.database.isRunning(record.identity) { await Task.yield() }
        }
        return records.compactMap { record in
            service.database.transfer(record.identity).map { service.description(of: $0) }
        }
    }

    /// Opens the database anew and lets a server go on with what was interrupted.
    private static func restarted(_ service: Service, _ world: World) async throws -> Service {
        try await service.database.close()
        let again = Self.service(try await Database.open("db", options, in: world), world)
        await again.resumeTransfers()
        return again
    }

    /// The lines of all data files that a manifest names.
    private static func lines(_ bucket: any Bucket, _ export: Item) throws -> [String] {
        func read(_ key: String) throws -> [UInt8] {
            try bucket.read(key, at: 0, count: try bucket.sizeBytes(of: key))
        }
        let summary = try #require(export["ExportManifest"]?.stringValue)
        let files = summary.replacing("manifest-summary", with: "manifest-files")
        let manifest = String(decoding: try read(files), as: UTF8.self)
        return try manifest.split(separator: "\n").flatMap { line in
            let start = try #require(line.firstRange(of: #""dataFileS3Key":""#)).upperBound
            let key = String(line[start...].prefix { $0 != "\"" })
            var bytes: [UInt8] = []
            try Inflater().add(try read(key)) { bytes += $0 }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    @Test(arguments: [
        "",
        #","ExportType":"INCREMENTAL_EXPORT","IncrementalExportSpecification":{"ExportFromTime":FROM}"#,
    ])
    func `an export that was interrupted goes on, with what it was asked for`(
        more: String
    ) async throws {
        try await Self.withTable { world, service in
            let past = try service.database.describeContinuousBackups("abc")
            let from = try #require(past.earliestMilliseconds)
            (world.time as? TurnedTime)?.advance(seconds: 5)
            try await Self.run("PutItem", OperationsTests.put(5).body, service)
            let span = more.replacing("FROM", with: "\(from / 1_000)")
            try await Self.run(
                "ExportTableToPointInTime",
                #"{"TableArn":"\#(Self.table)","S3Bucket":"things","S3Prefix":"out"\#(span)}"#,
                service
            )
            var export = try #require(await Self.awaitEnd(service).first)
            #expect(export["ExportStatus"] == "COMPLETED", "\(export)")
            let bucket = try #require(service.buckets["things"])
            let wanted = try Self.lines(bucket, export)
            #expect(wanted.count == (more.isEmpty ? 6 : 1))
            // As a crash before the end leaves it, with other files of it than there will be.
            var record = try #require(service.database.transfers(.export).first)
            record.description["ExportStatus"] = "IN_PROGRESS"
            for end in ["EndTime", "ExportManifest", "ItemCount", "BilledSizeBytes"] {
                record.description[end] = nil
            }
            try await service.database.remember(record)
            let keys = try bucket.list(prefix: "out/")
            try bucket.delete(try #require(export["ExportManifest"]?.stringValue))
            let data = try #require(keys.first { $0.hasSuffix(".json.gz") })
            try bucket.put(data, [1, 2, 3])
            let base = "out/AWSDynamoDB/\(record.identity.label)"
            let files = ExportFiles(
                bucket: bucket,
                base: base,
                dataDirectory: more.isEmpty ? base + "/data" : "out/AWSDynamoDB/data",
                database: service.database
            )
            try #require(files.key(0) == data)
            try bucket.put(files.key(1), [1, 2, 3])
            (world.time as? TurnedTime)?.advance(seconds: 5)
            try await Self.run("PutItem", OperationsTests.put(6).body, service)
            let again = try await Self.restarted(service, world)
            export = try #require(await Self.awaitEnd(again).first)
            #expect(export["ExportStatus"] == "COMPLETED", "\(export)")
            #expect(Set(try Self.lines(bucket, export)) == Set(wanted))
            #expect(try bucket.list(prefix: "out/") == keys)
            try await again.database.close()
        }
    }

    @Test(arguments: [
        ("DeleteTable", #"{"TableName":"abc"}"#, "Table not found"),
        (
            "UpdateContinuousBackups",
            #"{"TableName":"abc","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":false}}"#,
            "Point in time recovery is not enabled"
        ),
    ])
    func `an export that cannot go on has failed, and says why`(
        operation: String,
        body: String,
        reason: String
    ) async throws {
        try await Self.withTable { world, service in
            try await Self.run(
                "ExportTableToPointInTime",
                #"{"TableArn":"\#(Self.table)","S3Bucket":"things"}"#,
                service
            )
            _ = await Self.awaitEnd(service)
            var record = try #require(service.database.transfers(.export).first)
            record.description["ExportStatus"] = "IN_PROGRESS"
            try await service.database.remember(record)
            try await Self.run(operation, body, service)
            let again = try await Self.restarted(service, world)
            let export = try #require(await Self.awaitEnd(again).first)
            #expect(export["ExportStatus"] == "FAILED")
            let message = export["FailureMessage"]?.stringValue ?? ""
            #expect(message.hasPrefix("The server was stopped before it was done"))
            #expect(message.contains(reason), "\(message)")
            // It is over: the next start does not try again.
            let known = try #require(again.database.transfers(.export).first)
            #expect(known.description["ExportStatus"] == "FAILED")
            try await again.database.close()
        }
    }

    private static let request = #"""
        {"S3BucketSource":{"S3Bucket":"things","S3KeyPrefix":"in/"},"InputFormat":"CSV",
         "InputFormatOptions":{"Csv":{"Delimiter":";","HeaderList":["pk","v"]}},
         "TableCreationParameters":{"TableName":"made","BillingMode":"PAY_PER_REQUEST",
           "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"v","AttributeType":"N"}],
           "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
           "GlobalSecondaryIndexes":[{"IndexName":"byV","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],
             "Projection":{"ProjectionType":"ALL"}}]}}
        """#

    @Test func `an import that was interrupted begins again with an empty table`() async throws {
        try await Self.withTable { world, service in
            let bucket = try #require(service.buckets["things"])
            try bucket.put("in/a", Array("a;1\nb;2\n".utf8))
            // What a crash leaves: a table with some of the items, and what is remembered of the import.
            let asked = try ImportTable.decode(Array(Self.request.utf8))
            let identity = service.database.newTransfer(.import, "made")
            let begun = try await service.database.beginImport(asked.table, identity)
            _ = try await service.database.put([["pk": "stray", "v": 7]], into: begun)
            var record = TransferRecord(identity: identity, description: asked.members)
            record.description["ImportStatus"] = "IN_PROGRESS"
            record.description["TableCreationParameters"] = .map(asked.table.parameters)
            record.description["TableId"] = .string(begun.table.tableID)
            try await service.database.remember(record)
            var again = try await Self.restarted(service, world)
            var done = try #require(await Self.awaitEnd(again).first)
            #expect(done["ImportStatus"] == "COMPLETED", "\(done)")
            #expect(done["ImportedItemCount"] == 2)
            for index in [nil, "byV"] {
                var scan = ScanRequest(tableName: "made")
                scan.options.indexName = index
                let items = try await again.database.scan(scan).items
                #expect(Set(items) == [["pk": "a", "v": 1], ["pk": "b", "v": 2]])
            }
            let table = try again.database.describeTable("made")
            #expect(table.tableID == begun.table.tableID && table.status == .active)
            // A crash behind its end leaves the table whole: then it has completed.
            try await again.database.remember(record)
            again = try await Self.restarted(again, world)
            done = try #require(await Self.awaitEnd(again).first)
            #expect(done["ImportStatus"] == "COMPLETED" && done["ImportedItemCount"] == 2)
            // One whose table is gone has failed.
            _ = try await again.database.deleteTable("made")
            try await again.database.remember(record)
            again = try await Self.restarted(again, world)
            done = try #require(await Self.awaitEnd(again).first)
            #expect(done["ImportStatus"] == "FAILED")
            try await again.database.close()
        }
    }

    @Test func `an opening that resumes nothing removes the table of an import`() async throws {
        try await Self.withTable { world, service in
            let asked = try ImportTable.decode(Array(Self.request.utf8))
            for (name, isRemembered) in [("made", true), ("other", false)] {
                var table = asked.table
                table.tableName = name
                let identity = service.database.newTransfer(.import, name)
                _ = try await service.database.beginImport(table, identity)
                guard isRemembered else { continue }
                try await service.database.remember(
                    TransferRecord(identity: identity, description: asked.members)
                )
            }
            try await service.database.close()
            var database = try await Database.open("db", Self.options, in: world)
            let made = try await database.createTable(OperationsTests.named("other"))
            #expect(made.status == .active)
            await #expect(throws: DatabaseError.self) {
                _ = try await database.createTable(OperationsTests.named("made"))
            }
            try await database.close()
            database = try await Database.open("db", in: world)
            #expect(try await database.createTable(OperationsTests.named("made")).status == .active)
            try await database.close()
        }
    }
}

/// A wall clock that goes on only when it is told to.
final class TurnedTime: TimeSource {
    private let wall = Mutex<Int64>(1_764_000_000_000)
    private let real = PosixTimeSource()

    var monotonicNanoseconds: UInt64 { real.monotonicNanoseconds }
    var wallMilliseconds: Int64 { wall.withLock { $0 } }

    func advance(seconds: Int64) { wall.withLock { $0 += 1_000 * seconds } }
}

extension OperationsTests {
    /// A request for a table of one key attribute.
    fileprivate static func named(_ name: String) -> CreateTableRequest {
        var request = CreateTableRequest(
            tableName: name,
            attributeDefinitions: [.string("pk")],
            keySchema: [KeySchemaElement("pk", .partition)]
        )
        request.billingMode = .payPerRequest
        return request
    }
}
