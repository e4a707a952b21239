import ShaleBytes
import ShalePlatform
import ShaleTables
import ShaleWire
import Synchronization
import Testing

@testable import ShaleOperations

/// Client tokens of exports and imports, and how far those are while they go on.
@Suite struct TransferTokenTests {
    private static func importing(into name: String, key: String, prefix: String) -> String {
        """
        {"S3BucketSource":{"S3Bucket":"things","S3KeyPrefix":"\(prefix)"},"ClientToken":"once",
        "InputFormat":"DYNAMODB_JSON","TableCreationParameters":{"TableName":"\(name)",
        "BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"\(key)","KeyType":"HASH"}],
        "AttributeDefinitions":[{"AttributeName":"\(key)","AttributeType":"S"}]}}
        """
    }

    private static func begin(_ body: String, _ service: Service) async -> WireError? {
        do {
            try await TransferResumeTests.run("ImportTable", body, service)
            return nil
        } catch {
            return error as? WireError
        }
    }

    @Test func `a token begins an import once, for eight hours after its end`() async throws {
        try await TransferResumeTests.withTable { world, service in
            let bucket = try #require(service.buckets["things"])
            try bucket.put("lines/a", Array(#"{"Item":{"pk":{"S":"a"}}}"#.utf8))
            let database = service.database
            let body = Self.importing(into: "First", key: "pk", prefix: "lines/")
            #expect(await Self.begin(body, service) == nil)
            _ = await TransferResumeTests.awaitEnd(service)
            #expect(try database.describeTable("First").itemCount == 1)
            #expect(await Self.begin(body, service) == nil)
            #expect(database.transfers(.import).count == 1)
            // The same name and bucket, and another key.
            for other in [
                Self.importing(into: "First", key: "id", prefix: "lines/"),
                Self.importing(into: "First", key: "pk", prefix: "other/"),
                Self.importing(into: "Second", key: "pk", prefix: "lines/"),
            ] {
                let error = await Self.begin(other, service)
                #expect(error?.code == .importConflict)
            }
            let time = try #require(world.time as? TurnedTime)
            time.advance(seconds: 8 * 3_600 - 1)
            #expect(await Self.begin(body, service) == nil)
            #expect(database.transfers(.import).count == 1)
            time.advance(seconds: 1)
            let again = Self.importing(into: "Second", key: "pk", prefix: "lines/")
            #expect(await Self.begin(again, service) == nil)
            _ = await TransferResumeTests.awaitEnd(service)
            #expect(try database.describeTable("Second").itemCount == 1)
            try await database.close()
        }
    }

    /// Says of a bucket what has been noted of its import each time that it is read.
    private struct WatchedBucket: Bucket {
        let bucket: any Bucket
        let note: @Sendable () -> Void

        func put(_ key: String, _ bytes: [UInt8]) throws(BucketError) {
            note()
            try bucket.put(key, bytes)
        }
        func sizeBytes(of key: String) throws(BucketError) -> Int { try bucket.sizeBytes(of: key) }
        func read(_ key: String, at offset: Int, count: Int) throws(BucketError) -> [UInt8] {
            note()
            return try bucket.read(key, at: offset, count: count)
        }
        func list(prefix: String) throws(BucketError) -> [String] {
            try bucket.list(prefix: prefix)
        }
        func delete(_ key: String) throws(BucketError) { try bucket.delete(key) }
        func discardPartial(_ key: String) throws(BucketError) { try bucket.discardPartial(key) }
    }

    @Test func `an import tells how many of its bytes are read, an export how many items are out`()
        async throws
    {
        try await TransferResumeTests.withTable { _, service in
            var service = service
            let bucket = try #require(service.buckets["things"])
            let line = Array(#"{"Item":{"pk":{"S":"a"}}}"#.utf8)
            try bucket.put("lines/a", line)
            try bucket.put("lines/b", line)
            let database = service.database
            let seen = Seen()
            service.buckets["things"] = WatchedBucket(bucket: bucket) {
                for kind in TransferIdentity.Kind.allCases {
                    for record in database.transfers(kind) {
                        guard let progress = database.progress(of: record.identity) else {
                            continue
                        }
                        seen.add(progress)
                    }
                }
            }
            #expect(
                await Self.begin(
                    Self.importing(into: "First", key: "pk", prefix: "lines/"),
                    service
                ) == nil
            )
            _ = await TransferResumeTests.awaitEnd(service)
            let size = line.count
            #expect(seen.take().last == TransferProgress(done: size, total: 2 * size, items: 1))
            try await TransferResumeTests.run(
                "ExportTableToPointInTime",
                #"{"TableArn":"arn:aws:dynamodb:eu-test-1:000000000000:table/abc","S3Bucket":"things"}"#,
                service
            )
            _ = await TransferResumeTests.awaitEnd(service)
            #expect(seen.take().last == TransferProgress(done: 5, total: 5, items: 5))
            let kinds = TransferIdentity.Kind.allCases.flatMap { database.transfers($0) }
            #expect(kinds.allSatisfy { database.progress(of: $0.identity) == nil })
            try await database.close()
        }
    }
}

/// What was told, in order.
private final class Seen: Sendable {
    private let progress = Mutex<[TransferProgress]>([])
    func add(_ one: TransferProgress) { progress.withLock { $0.append(one) } }
    func take() -> [TransferProgress] { progress.withLock { $0 } }
}
