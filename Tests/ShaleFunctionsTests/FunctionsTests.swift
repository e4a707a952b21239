import ShaleItems
import ShalePlatform
import ShaleTables
import Synchronization
import Testing

@testable import ShaleFunctions

/// The registry and the one door, over a database in memory, with an environment that answers what it is asked.
@Suite struct FunctionsTests {
    private final class Echo: FunctionEnvironment {
        let stream: String
        let isAlive = true

        init(_ stream: String) { self.stream = stream }

        func invoke(
            _ invocation: Invocation,
            into stream: AnswerStream?
        ) async -> InvocationOutcome {
            InvocationOutcome(payload: invocation.payload, duration: 1_500_000, lines: ["said"])
        }

        func stop() {}
    }

    private final class EchoHost: FunctionHost {
        let starts = Atomic(0)

        func require(_ runtime: String) throws(FunctionError) {
            guard runtime == "provided.al2023" else {
                throw FunctionError(.invalidParameter, "The runtime \(runtime) is not here.")
            }
        }

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
        ) async throws(FunctionError) -> any FunctionEnvironment {
            starts.add(1, ordering: .relaxed)
            return Echo(stream)
        }
    }

    private final class Lines: FunctionLog {
        let texts = Mutex<[String]>([])

        func write(_ line: FunctionLine) { texts.withLock { $0.append(line.text) } }
    }

    private static func open(
        _ world: World,
        _ log: Lines = Lines()
    ) async throws -> (Database, Functions, EchoHost) {
        let database = try await Database.open("data", in: world)
        let host = EchoHost()
        let functions = try await Functions(
            database,
            host: host,
            log: log,
            world: world,
            region: "us-east-1",
            account: "000000000000"
        )
        return (database, functions, host)
    }

    private static let given: Item = [
        "FunctionName": "echo", "Runtime": "provided.al2023", "Handler": "x", "Timeout": 3,
    ]

    /// Makes the function, and reads it until it is active.
    private static func create(_ functions: Functions, _ archive: [UInt8]) async throws {
        _ = try await functions.create(given, archive: archive)
        while try await functions.function("echo").state == "Pending" { await Task.yield() }
    }

    private static func inMemory(_ body: (World) async throws -> Void) async throws {
        var world = World.posix()
        world.files = MemoryFileSystem()
        defer { world.scheduler.shutDown() }
        try await body(world)
    }

    @Test func `an invocation answers, reports, and leaves its environment`() async throws {
        try await Self.inMemory { world in
            let log = Lines()
            let (database, functions, host) = try await Self.open(world, log)
            try await Self.create(functions, [1, 2, 3])
            let answer = try await functions.invoke("echo", payload: [7], requestID: "one")
            #expect(answer.outcome.payload == [7])
            #expect(answer.version == "$LATEST")
            _ = try await functions.invoke("echo", payload: [8])
            #expect(host.starts.load(ordering: .relaxed) == 1)
            let texts = log.texts.withLock { Array($0.prefix(3)) }
            #expect(
                texts == [
                    "START RequestId: one Version: $LATEST", "END RequestId: one",
                    "REPORT RequestId: one\tDuration: 1.50 ms\tBilled Duration: 2 ms"
                        + "\tMemory Size: 128 MB\tMax Memory Used: 0 MB",
                ]
            )
            let tail = String(decoding: answer.logTail, as: UTF8.self)
            #expect(tail == "\(texts[0])\nsaid\n\(texts[1])\n\(texts[2])\n")
            try await database.close()
        }
    }

    @Test func `a function and its code are there after a close`() async throws {
        let code = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await Self.inMemory { world in
            let (first, functions, _) = try await Self.open(world)
            try await Self.create(functions, code)
            let before = try await functions.function("echo")
            try await first.close()
            let (second, again, _) = try await Self.open(world)
            let after = try await again.function("echo")
            #expect(after == before)
            #expect(try await again.archive(of: after) == code)
            #expect(try await again.invoke("echo", payload: [1]).outcome.payload == [1])
            try await second.close()
        }
    }

    @Test func `code goes with its last user, and not before`() async throws {
        try await Self.inMemory { world in
            let (database, functions, _) = try await Self.open(world)
            try await Self.create(functions, [1, 2, 3])
            let identity = try await functions.function("echo").codeIdentity
            try await functions.code.keep([1, 2, 3], named: identity, for: "other")
            try await functions.delete("echo")
            #expect(try await functions.code.code(identity) == [1, 2, 3])
            try await functions.code.release(identity, by: "other")
            #expect(try await functions.code.code(identity) == nil)
            try await database.close()
        }
    }

    @Test func `what is not there, or there already, is refused by name`() async throws {
        try await Self.inMemory { world in
            let (database, functions, _) = try await Self.open(world)
            let missing = await #expect(throws: FunctionError.self) {
                _ = try await functions.invoke("none", payload: [])
            }
            #expect(missing?.code == .resourceNotFound)
            try await Self.create(functions, [1])
            let twice = await #expect(throws: FunctionError.self) {
                _ = try await functions.create(Self.given, archive: [1])
            }
            #expect(twice?.code == .resourceConflict)
            let stale = await #expect(throws: FunctionError.self) {
                _ = try await functions.updateCode("echo", archive: [2], revision: "other")
            }
            #expect(stale?.code == .preconditionFailed)
            let runtime = await #expect(throws: FunctionError.self) {
                _ = try await functions.updateConfiguration("echo", ["Runtime": "java21"])
            }
            #expect(runtime?.code == .invalidParameter)
            try await database.close()
        }
    }

    @Test func `other code is another revision in another environment`() async throws {
        try await Self.inMemory { world in
            let (database, functions, host) = try await Self.open(world)
            try await Self.create(functions, [1])
            _ = try await functions.invoke("echo", payload: [1])
            let old = try await functions.function("echo").codeIdentity
            _ = try await functions.updateCode("echo", archive: [2])
            while try await functions.function("echo").fields["LastUpdateStatus"] == "InProgress" {
                await Task.yield()
            }
            _ = try await functions.invoke("echo", payload: [1])
            #expect(host.starts.load(ordering: .relaxed) == 2)
            #expect(try await functions.code.code(old) == nil)
            try await database.close()
        }
    }
}
