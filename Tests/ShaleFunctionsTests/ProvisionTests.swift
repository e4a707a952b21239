import ShaleItems
import ShalePlatform
import ShaleTables
import Simulation
import Synchronization
import Testing

@testable import ShaleFunctions

/// Environments that are kept ready and cannot be started at first, in a simulated world.
@Suite struct ProvisionTests {
    private final class Idle: FunctionEnvironment {
        let stream: String
        let isAlive = true
        let canInitialise: Bool

        init(_ stream: String, _ canInitialise: Bool) {
            self.stream = stream
            self.canInitialise = canInitialise
        }

        func isInitialised() async -> Bool { canInitialise }
        func invoke(
            _ invocation: Invocation,
            into stream: AnswerStream?
        ) async -> InvocationOutcome { InvocationOutcome(payload: invocation.payload) }
        func stop() {}
    }

    /// What it starts cannot initialise, until somebody says so.
    private final class BrokenHost: FunctionHost {
        let isBroken = Atomic(true)
        let starts = Atomic(0)

        func require(_ runtime: String) throws(FunctionError) {}
        func unzippedBytes(_ archive: [UInt8]) async throws(FunctionError) -> Int { 1 }
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
            return Idle(stream, !isBroken.load(ordering: .relaxed))
        }
    }

    private struct NoLog: FunctionLog {
        func write(_ line: FunctionLine) {}
    }

    private struct Scene: Sendable {
        let functions: Functions
        let host: BrokenHost
        let world: World

        var starts: Int { host.starts.load(ordering: .relaxed) }

        func pass(_ milliseconds: Int64) async {
            await withCheckedContinuation { continuation in
                world.scheduler.schedule(.housekeeping, after: .milliseconds(milliseconds)) {
                    continuation.resume()
                }
            }
        }

        func told() async throws -> Functions.Provisioned {
            try await functions.provision(of: "f", "1")
        }
    }

    private static func run(_ body: @escaping @Sendable (Scene) async throws -> Void) throws {
        let simulation = SimulatedWorld(seed: 3)
        let world = simulation.world
        try simulation.runTask {
            let database = try await Database.open("db", in: world)
            let host = BrokenHost()
            let functions = try await Functions(
                database,
                host: host,
                log: NoLog(),
                world: world,
                region: "us-east-1",
                account: "000000000000"
            )
            _ = try await functions.create(
                ["FunctionName": "f", "Runtime": "provided", "Handler": "x"],
                archive: [1]
            )
            await functions.settled("f")
            _ = try await functions.publish("f")
            try await body(Scene(functions: functions, host: host, world: world))
            functions.stop()
            try await database.close()
        }
    }

    @Test func `what cannot initialise is tried again with a back-off, and is ready when it can`()
        throws
    {
        try Self.run { scene in
            let asked = try await scene.functions.provision(1, of: "f", "1")
            #expect(asked.status == .inProgress)
            #expect(asked.reason == nil)
            await scene.pass(100)
            for (starts, wait) in zip(1..., [1, 2, 4, 8] as [Int64]) {
                #expect(scene.starts == starts)
                let told = try await scene.told()
                #expect(told.status == .failed)
                #expect(told.reason == "FUNCTION_ERROR_INIT_FAILURE")
                #expect(told.allocated == 0)
                await scene.pass(wait * 1_000)
            }
            scene.host.isBroken.store(false, ordering: .relaxed)
            await scene.pass(16_000)
            let ready = try await scene.told()
            #expect(ready.status == .ready)
            #expect(ready.reason == nil)
            #expect(ready.allocated == 1)
            #expect(scene.starts == 6)
        }
    }

    @Test func `when one can be started again, all that are missing follow at once`() throws {
        try Self.run { scene in
            _ = try await scene.functions.provision(6, of: "f", "1")
            await scene.pass(100)
            #expect(try await scene.told().status == .failed)
            scene.host.isBroken.store(false, ordering: .relaxed)
            await scene.pass(1_000)
            let ready = try await scene.told()
            #expect((ready.status, ready.allocated) == (.ready, 6))
        }
    }

    @Test func `asking again tries at once, and what nobody asks for any more is not tried`()
        throws
    {
        try Self.run { scene in
            _ = try await scene.functions.provision(1, of: "f", "1")
            await scene.pass(8_000)
            let before = scene.starts
            _ = try await scene.functions.provision(1, of: "f", "1")
            await scene.pass(100)
            #expect(scene.starts == before + 1)
            try await scene.functions.unprovision("f", "1")
            await scene.pass(120_000)
            #expect(scene.starts == before + 1)
        }
    }
}
