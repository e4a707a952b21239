import ShaleItems
import ShalePlatform
import ShaleTables
import Synchronization
import Testing

@testable import ShaleFunctions

/// Events of a database in memory: taken, handled, kept over an end, told.
@Suite struct EventTests {
    private final class Calls: Sendable {
        let payloads = Mutex<[String]>([])
        /// Called by each invocation, before it answers.
        let during = Mutex<(@Sendable () -> Void)?>(nil)
        var all: [String] { payloads.withLock { $0 } }
    }

    /// Answers what it is called with; fails where that says so.
    private final class Noting: FunctionEnvironment {
        let stream: String
        let isAlive = true
        private let calls: Calls

        init(_ stream: String, _ calls: Calls) {
            self.stream = stream
            self.calls = calls
        }

        func invoke(
            _ invocation: Invocation,
            into stream: AnswerStream?
        ) async -> InvocationOutcome {
            let text = String(decoding: invocation.payload, as: UTF8.self)
            calls.payloads.withLock { $0.append(text) }
            calls.during.withLock { $0 }?()
            return InvocationOutcome(
                payload: invocation.payload,
                functionError: text.contains("fail") ? "Unhandled" : nil
            )
        }

        func stop() {}
    }

    private struct NotingHost: FunctionHost {
        let calls: Calls

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
        ) async throws(FunctionError) -> any FunctionEnvironment { Noting(stream, calls) }
    }

    private struct NoLog: FunctionLog {
        func write(_ line: FunctionLine) {}
    }

    private static func open(
        _ world: World,
        _ calls: Calls,
        making names: [String] = []
    ) async throws -> (Database, Functions) {
        let database = try await Database.open("db", in: world)
        let functions = try await Functions(
            database,
            host: NotingHost(calls: calls),
            log: NoLog(),
            world: world,
            region: "us-east-1",
            account: "000000000000",
            buckets: ["failures": DirectoryBucket("failures", in: world)]
        )
        for name in names {
            _ = try await functions.create(
                ["FunctionName": .string(name), "Runtime": "provided", "Handler": "x"],
                archive: [1]
            )
            await functions.settled(name)
        }
        return (database, functions)
    }

    private static func wait(_ holds: () async throws -> Bool) async throws {
        while !(try await holds()) { await Task.yield() }
    }

    private static func isEmpty(_ functions: Functions, _ name: String) async throws -> Bool {
        try await functions.eventTable.items(of: .string(name)).isEmpty
    }

    @Test func `an event is handled and then gone`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let calls = Calls()
        let (database, functions) = try await Self.open(world, calls, making: ["f"])
        try await functions.take("f", payload: Array("1".utf8), identity: "a")
        try await Self.wait { try await Self.isEmpty(functions, "f") }
        #expect(calls.all == ["1"])
        await #expect(throws: FunctionError.self) {
            try await functions.take("nobody", payload: [], identity: "b")
        }
        try await database.close()
    }

    @Test func `an event that waits at the end is handled behind the next start`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let calls = Calls()
        let (first, functions) = try await Self.open(world, calls, making: ["f"])
        functions.stopEvents()
        try await functions.take("f", payload: Array("1".utf8), identity: "a")
        try await first.close()
        #expect(calls.all.isEmpty)
        let (second, again) = try await Self.open(world, calls)
        try await again.resumeEvents()
        try await Self.wait { try await Self.isEmpty(again, "f") }
        #expect(calls.all == ["1"])
        try await second.close()
    }

    @Test func `an event that fails because everything ends has not failed`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let calls = Calls()
        let (database, functions) = try await Self.open(world, calls, making: ["f"])
        calls.during.withLock { $0 = { functions.stopEvents() } }
        try await functions.take("f", payload: Array("\"fail\"".utf8), identity: "a")
        try await Self.wait { calls.all.count == 1 && functions.runningEvents == 0 }
        let items = try await functions.eventTable.items(of: "f")
        #expect(items.first?["fields"]?.mapValue?["failures"] == 0)
        try await database.close()
    }

    @Test func `an event that fails waits for its next time, with what it has failed`() async throws
    {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let calls = Calls()
        let (database, functions) = try await Self.open(world, calls, making: ["f"])
        try await functions.take("f", payload: Array("\"fail\"".utf8), identity: "a")
        try await Self.wait {
            let items = try await functions.eventTable.items(of: "f")
            return items.first?["fields"]?.mapValue?["failures"] == 1
        }
        #expect(calls.all.count == 1)
        try await functions.delete("f")
        #expect(try await Self.isEmpty(functions, "f"))
        try await database.close()
    }

    @Test func `what is given up is told in a bucket, and what is handled to a function`()
        async throws
    {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        try world.files.createDirectory("failures")
        let calls = Calls()
        let (database, functions) = try await Self.open(world, calls, making: ["f", "g"])
        _ = try await functions.setEventSettings(
            [
                "MaximumRetryAttempts": 0,
                "DestinationConfig": [
                    "OnFailure": ["Destination": "arn:aws:s3:::failures"],
                    "OnSuccess": [
                        "Destination": "arn:aws:lambda:us-east-1:000000000000:function:g"
                    ],
                ],
            ],
            "f",
            nil,
            keeps: false
        )
        try await functions.take("f", payload: Array("\"fail\"".utf8), identity: "a")
        try await functions.take("f", payload: Array("2".utf8), identity: "b")
        try await Self.wait {
            let isEmpty = try await Self.isEmpty(functions, "f")
            return isEmpty && calls.all.count == 3
        }
        try await Self.wait { try await Self.isEmpty(functions, "g") }
        let told = try #require(calls.all.first { $0.contains("requestContext") })
        #expect(told.contains(#""condition":"Success""#))
        #expect(told.contains(#""requestPayload":2"#))
        let bucket = try #require(functions.buckets["failures"])
        let keys = try bucket.list(prefix: "aws/lambda/async/f/")
        #expect(keys.count == 1)
        let size = try bucket.sizeBytes(of: keys[0])
        let object = String(decoding: try bucket.read(keys[0], at: 0, count: size), as: UTF8.self)
        #expect(object.contains(#""condition":"RetriesExhausted""#))
        #expect(object.contains(#""functionError":"Unhandled""#))
        try await database.close()
    }

    @Test(arguments: [
        "arn:aws:sqs:us-east-1:000000000000:q", "arn:aws:s3:::nowhere",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
    ])
    func `a destination that is not here is refused`(_ destination: String) async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let (database, functions) = try await Self.open(world, Calls(), making: ["f"])
        await #expect(throws: FunctionError.self) {
            try await functions.setEventSettings(
                ["DestinationConfig": ["OnFailure": ["Destination": .string(destination)]]],
                "f",
                nil,
                keeps: false
            )
        }
        try await database.close()
    }
}
