import NIOPosix
import ShaleFunctions
import ShaleItems
import ShalePlatform
import Synchronization

@testable import ShaleRuntimes

/// A host in a directory of its own, its log, and functions made of archives.
struct HostFixture {
    /// A log that remembers.
    final class Lines: FunctionLog {
        private let kept = Mutex<[String]>([])
        var texts: [String] { kept.withLock { $0 } }
        func write(_ line: FunctionLine) {
            // A flood is not kept: the log must not be what fills the memory.
            kept.withLock { if $0.count < 10_000 { $0.append(line.text) } }
        }
    }

    let host: ProcessHost
    let log: Lines
    let world: World
    let directory: String

    /// Runs `body` with a host, and ends it.
    static func with<Answer>(
        _ change: (inout ProcessConfiguration) -> Void = { _ in },
        _ body: (HostFixture) async throws -> Answer
    ) async throws -> Answer {
        let world = World.posix()
        let directory = "/var/tmp/shale-test-\(String(world.randomness.next(), radix: 36))"
        var configuration = ProcessConfiguration(cache: directory)
        change(&configuration)
        let log = Lines()
        let host = try ProcessHost(
            configuration,
            group: .singletonMultiThreadedEventLoopGroup,
            log: log,
            world: world
        )
        let fixture = HostFixture(host: host, log: log, world: world, directory: directory)
        let result: Result<Answer, any Error>
        do {
            result = .success(try await body(fixture))
        } catch {
            result = .failure(error)
        }
        await host.shutdown()
        world.scheduler.shutDown()
        try ProgramFiles.removeTree(directory)
        return try result.get()
    }

    /// A function as the registry would tell it.
    static func function(
        _ archive: [UInt8],
        runtime: String = "provided.al2023",
        handler: String = "x",
        seconds: Int = 10,
        megabytes: Int = 128,
        variables: Item = [:]
    ) -> FunctionConfiguration {
        FunctionConfiguration([
            "FunctionName": "thing", "Version": "$LATEST", "Runtime": .string(runtime),
            "Handler": .string(handler), "Timeout": .number(Number(seconds)),
            "MemorySize": .number(Number(megabytes)),
            "#code": .string(CodeStore.identity(archive).name),
            "Environment": .map(["Variables": .map(variables)]),
        ])
    }

    /// Has the function ready, and an environment started.
    func start(
        _ function: FunctionConfiguration,
        _ archive: [UInt8]
    ) async throws -> any FunctionEnvironment {
        _ = try await host.prepare(function, code: FunctionCode(archive))
        return try await host.start(function, stream: "stream")
    }

    /// An invocation with a payload.
    static func invocation(_ payload: String = "{}", _ identity: String = "one") -> Invocation {
        Invocation(requestID: identity, resourceName: "arn:thing", payload: Array(payload.utf8))
    }

    /// Has a bootstrap invoked once.
    func outcome(
        _ text: String,
        seconds: Int = 10,
        megabytes: Int = 128
    ) async throws -> InvocationOutcome {
        let archive = Bootstrap.archive(text)
        let function = Self.function(archive, seconds: seconds, megabytes: megabytes)
        let environment = try await start(function, archive)
        return await environment.invoke(Self.invocation())
    }
}

extension InvocationOutcome {
    var text: String { String(decoding: payload, as: UTF8.self) }
}
