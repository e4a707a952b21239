import ShaleFunctions
import ShaleItems
import ShalePlatform
import ShaleTables
import ShaleWire
import Synchronization
import Testing

@testable import ShaleTriggers

/// Mappings over a database in memory, with a function that remembers what it got.
@Suite struct MappingsTests {
    /// What all environments of a test share.
    private final class Kept: Sendable {
        let batches = Mutex<[[String]]>([])
        /// Records with these sort keys make the function fail.
        let poison: Set<String>
        /// Called by each invocation, before it answers.
        let during = Mutex<(@Sendable () -> Void)?>(nil)

        init(_ poison: Set<String> = []) { self.poison = poison }

        var records: [String] { batches.withLock { $0.flatMap { $0 } } }
    }

    private final class Keeper: FunctionEnvironment {
        let stream: String
        let isAlive = true
        let kept: Kept

        init(_ stream: String, _ kept: Kept) {
            self.stream = stream
            self.kept = kept
        }

        func invoke(
            _ invocation: Invocation,
            into stream: AnswerStream?
        ) async -> InvocationOutcome {
            let event = try? JSONReader.document(invocation.payload)
            let records = event?.mapValue?["Records"]?.listValue ?? []
            let keys = records.compactMap { record in
                record.mapValue?["dynamodb"]?.mapValue?["Keys"]?.mapValue?["sk"]?.mapValue?["S"]?
                    .stringValue
            }
            kept.batches.withLock { $0.append(keys) }
            kept.during.withLock { $0 }?()
            let fails = keys.contains(where: kept.poison.contains)
            return InvocationOutcome(
                payload: Array("null".utf8),
                functionError: fails ? "Unhandled" : nil
            )
        }

        func stop() {}
    }

    private struct KeeperHost: FunctionHost {
        let kept: Kept

        func require(_ runtime: String) throws(FunctionError) {}
        func unzippedBytes(_ archive: [UInt8]) async throws(FunctionError) -> Int {
            archive.count
        }

        func isPrepared(_ function: FunctionConfiguration) -> Bool { true }
        func prepare(
            _ function: FunctionConfiguration,
            code: FunctionCode
        ) async throws(FunctionError) -> String? { nil }
        func start(
            _ function: FunctionConfiguration,
            stream: String
        ) async throws(FunctionError) -> any FunctionEnvironment { Keeper(stream, kept) }
    }

    private struct NoLog: FunctionLog {
        func write(_ line: FunctionLine) {}
    }

    /// A database with a table that has a stream, and a function.
    private struct Scene {
        let database: Database
        let mappings: Mappings
        let source: String

        init(_ world: World, _ kept: Kept) async throws {
            database = try await Database.open("db", in: world)
            if database.listStreams(tableName: "Things").streams.isEmpty {
                var request = CreateTableRequest(
                    tableName: "Things",
                    attributeDefinitions: [.string("pk"), .string("sk")],
                    keySchema: [KeySchemaElement("pk", .partition), KeySchemaElement("sk", .sort)]
                )
                request.billingMode = .payPerRequest
                request.stream = StreamSpecification(isEnabled: true, viewType: .keysOnly)
                _ = try await database.createTable(request)
            }
            let functions = try await Functions(
                database,
                host: KeeperHost(kept: kept),
                log: NoLog(),
                world: world,
                region: "us-east-1",
                account: "000000000000"
            )
            if try await functions.versions(of: "f").isEmpty {
                _ = try await functions.create(
                    ["FunctionName": "f", "Runtime": "provided.al2023", "Handler": "x"],
                    archive: [1]
                )
                await functions.settled("f")
            }
            mappings = Mappings(try await MappingContext(database, functions, world, buckets: [:]))
            let stream = try #require(database.listStreams(tableName: "Things").streams.first)
            source =
                "arn:aws:dynamodb:us-east-1:000000000000:table/Things/stream/"
                + StreamLabel.text(milliseconds: stream.createdMilliseconds)
        }

        func given(_ more: Item = [:]) -> Item {
            var given: Item = [
                "EventSourceArn": .string(source),
                "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
                "StartingPosition": "TRIM_HORIZON", "BatchSize": 4, "#enabled": true,
            ]
            for (name, value) in more { given[name] = value }
            return given
        }

        func put(_ numbers: Range<Int>, in partition: String = "p") async throws {
            for number in numbers {
                _ = try await database.putItem(
                    PutItemRequest(
                        tableName: "Things",
                        item: ["pk": .string(partition), "sk": .string("s\(100 + number)")]
                    )
                )
            }
        }
    }

    private static func wait(
        _ kept: Kept,
        until holds: ([String]) -> Bool
    ) async {
        while !holds(kept.records) { await Task.yield() }
    }

    private static func name(_ number: Int) -> String { "s\(100 + number)" }

    @Test func `each change comes once, in order, in batches that are not too large`() async throws
    {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept()
        let scene = try await Scene(world, kept)
        try await scene.put(0..<10)
        let told = try await scene.mappings.create(scene.given())
        #expect(told["State"] == "Creating")
        await Self.wait(kept) { $0.count >= 10 }
        #expect(kept.records == (0..<10).map(Self.name))
        #expect(kept.batches.withLock { $0.allSatisfy { $0.count <= 4 } })
        let identity = told["UUID"]?.stringValue ?? ""
        let now = try await scene.mappings.description(of: identity)
        #expect(now["LastProcessingResult"] == "OK")
        _ = try await scene.mappings.delete(identity)
        try await scene.put(10..<12)
        #expect(kept.records.count == 10)
        try await scene.database.close()
    }

    @Test func `LATEST begins with what comes after`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept()
        let scene = try await Scene(world, kept)
        try await scene.put(0..<3)
        _ = try await scene.mappings.create(scene.given(["StartingPosition": "LATEST"]))
        try await scene.put(3..<5)
        await Self.wait(kept) { $0.count >= 2 }
        #expect(kept.records == [Self.name(3), Self.name(4)])
        await scene.mappings.stop()
        try await scene.database.close()
    }

    @Test func `what was being deleted is gone behind a restart`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept()
        let first = try await Scene(world, kept)
        // The mark is written before the invocations under way are waited for.
        let marked = try await first.mappings.create(
            first.given(["#deleting": true, "#enabled": false])
        )
        let identity = marked["UUID"]?.stringValue ?? ""
        #expect(try await first.mappings.description(of: identity)["State"] == "Deleting")
        await #expect(throws: FunctionError.self) {
            _ = try await first.mappings.update(identity, ["BatchSize": 2])
        }
        await first.mappings.stop()
        try await first.database.close()
        let second = try await Scene(world, kept)
        try await second.mappings.resume()
        #expect(try await second.mappings.descriptions(source: nil, function: nil).isEmpty)
        await second.mappings.stop()
        try await second.database.close()
    }

    @Test func `behind a restart a mapping goes on where it was`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept()
        let first = try await Scene(world, kept)
        _ = try await first.mappings.create(first.given())
        try await first.put(0..<6)
        await Self.wait(kept) { $0.count >= 6 }
        await first.mappings.stop()
        try await first.database.close()
        let second = try await Scene(world, kept)
        try await second.put(6..<9)
        try await second.mappings.resume()
        await Self.wait(kept) { $0.last == Self.name(8) }
        #expect(kept.records == (0..<9).map(Self.name))
        await second.mappings.stop()
        try await second.database.close()
    }

    @Test func `what is given up stops nothing that follows`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept([Self.name(2)])
        let scene = try await Scene(world, kept)
        try await scene.put(0..<6)
        _ = try await scene.mappings.create(
            scene.given([
                "MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": true, "BatchSize": 6,
            ])
        )
        await Self.wait(kept) { $0.contains(Self.name(5)) && $0.last == Self.name(5) }
        await Self.wait(kept) { _ in kept.batches.withLock { $0.contains([Self.name(2)]) } }
        await scene.mappings.stop()
        try await scene.database.close()
    }

    @Test func `what fails because everything ends is not given up`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept([Self.name(0)])
        let first = try await Scene(world, kept)
        let mappings = first.mappings
        kept.during.withLock { $0 = { mappings.halt() } }
        _ = try await mappings.create(first.given(["MaximumRetryAttempts": 0]))
        try await first.put(0..<1)
        await Self.wait(kept) { !$0.isEmpty }
        await mappings.stop()
        try await first.database.close()
        kept.during.withLock { $0 = nil }
        let second = try await Scene(world, kept)
        try await second.mappings.resume()
        await Self.wait(kept) { $0.count >= 2 }
        #expect(kept.records == [Self.name(0), Self.name(0)])
        await second.mappings.stop()
        try await second.database.close()
    }

    @Test func `a window that is open where its shard ends counts no record twice`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept()
        let first = try await Scene(world, kept)
        try await first.put(0..<3)
        var update = UpdateTableRequest(tableName: "Things")
        update.stream = StreamSpecification(isEnabled: false)
        _ = try await first.database.updateTable(update)
        let mappings = first.mappings
        kept.during.withLock { $0 = { mappings.halt() } }
        _ = try await mappings.create(first.given(["TumblingWindowInSeconds": 900]))
        await Self.wait(kept) { !$0.isEmpty }
        await mappings.stop()
        try await first.database.close()
        kept.during.withLock { $0 = nil }
        let second = try await Scene(world, kept)
        try await second.mappings.resume()
        while !kept.batches.withLock({ $0.contains([]) }) { await Task.yield() }
        #expect(kept.records == (0..<3).map(Self.name))
        await second.mappings.stop()
        try await second.database.close()
    }

    @Test func `lanes keep the order of each key`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let kept = Kept()
        let scene = try await Scene(world, kept)
        for partition in ["a", "b", "c"] { try await scene.put(0..<8, in: partition) }
        _ = try await scene.mappings.create(scene.given(["ParallelizationFactor": 4]))
        await Self.wait(kept) { $0.count >= 24 }
        #expect(kept.records.count == 24)
        #expect(Set(kept.records) == Set((0..<8).map(Self.name)))
        await scene.mappings.stop()
        try await scene.database.close()
    }

    @Test(
        arguments: [
            ["EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:q"],
            ["FilterCriteria": ["Filters": [["Pattern": "{}"]]]],
            ["DestinationConfig": ["OnFailure": ["Destination": "arn:aws:s3:::nowhere"]]],
        ] as [Item]
    )
    func `what cannot be is refused when it is made`(_ more: Item) async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let scene = try await Scene(world, Kept())
        await #expect(throws: FunctionError.self) {
            try await scene.mappings.create(scene.given(more))
        }
        try await scene.database.close()
    }

    @Test func `windows in several lanes are refused with the service's words, made or changed`()
        async throws
    {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let scene = try await Scene(world, Kept())
        let refusal = FunctionError(
            .invalidParameter,
            "Parallelization factor must be equal to 1 when tumbling window period is configured"
        )
        let windows: Item = ["TumblingWindowInSeconds": 60]
        let both: Item = ["TumblingWindowInSeconds": 60, "ParallelizationFactor": 2]
        await #expect(throws: refusal) { try await scene.mappings.create(scene.given(both)) }
        let made = try await scene.mappings.create(scene.given(windows))
        let identity = try #require(made["UUID"]?.stringValue)
        await #expect(throws: refusal) {
            try await scene.mappings.update(identity, ["ParallelizationFactor": 2])
        }
        await scene.mappings.stop()
        try await scene.database.close()
    }
}
