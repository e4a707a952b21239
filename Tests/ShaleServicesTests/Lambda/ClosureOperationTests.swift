import ShaleFunctions
import ShaleItems
import ShalePlatform
import ShaleTables
import ShaleTriggers
import ShaleWire
import Simulation
import Synchronization
import Testing

@testable import ShaleServices

/// Closures of the program, by the operations with which clients reach functions.
@Suite struct ClosureOperationTests {
    private struct NoLog: FunctionLog {
        func write(_ line: FunctionLine) {}
    }

    private static func run(
        _ body: @escaping @Sendable (LambdaService, World) async throws -> Void
    ) throws {
        let simulation = SimulatedWorld(seed: 2)
        let world = simulation.world
        try simulation.runTask {
            let database = try await Database.open("db", in: world)
            let functions = try await Functions(
                database,
                host: ClosureHost(),
                log: NoLog(),
                world: world,
                region: "us-east-1",
                account: "000000000000"
            )
            let mappings = Mappings(
                try await MappingContext(database, functions, world, buckets: [:])
            )
            let service = LambdaService(
                functions: functions,
                mappings: mappings,
                buckets: [:],
                codeLinks: CodeLinks(world)
            )
            try await body(service, world)
            functions.stop()
            try await database.close()
        }
    }

    private static func call(_ headers: [String: String] = [:], _ body: String = "{}") -> RestCall {
        RestCall(
            parameters: ["FunctionName": "sum"],
            headers: headers,
            body: Array(body.utf8),
            host: "here:1",
            identity: "r"
        )
    }

    private static func text(_ reply: RestReply) -> String {
        String(decoding: reply.body, as: UTF8.self)
    }

    @Test func `Invoke by name runs a closure, waits for it or takes an event`() throws {
        try Self.run { service, world in
            let events = Mutex(0)
            let closure = FunctionClosure { call in
                events.withLock { $0 += 1 }
                return call.payload
            }
            try await service.functions.register("sum", closure)
            let reply = try await Invoke.run(Self.call([:], #"{"n":1}"#), service)
            #expect(Self.text(reply) == #"{"n":1}"#)
            let event = Self.call(["x-amz-invocation-type": "Event"])
            #expect(try await Invoke.run(event, service).status == 202)
            await withCheckedContinuation { continuation in
                world.scheduler.schedule(.housekeeping, after: .seconds(1)) {
                    continuation.resume()
                }
            }
            #expect(events.withLock { $0 } == 2)
            let dry = Self.call(["x-amz-invocation-type": "DryRun"])
            #expect(try await Invoke.run(dry, service).status == 204)
        }
    }

    @Test func `it is listed and described, without an address of code`() throws {
        try Self.run { service, _ in
            try await service.functions.register("sum", FunctionClosure { $0.payload })
            #expect(Self.text(try await ListFunctions.run(RestCall(), service)).contains("sum"))
            let told = Self.text(try await GetFunction.run(Self.call(), service))
            #expect(told.contains(#""RepositoryType":"Closure""#))
            #expect(!told.contains("Location"))
            #expect(told.contains(#""State":"Active""#))
        }
    }

    @Test func `UpdateFunctionCode is refused by name`() throws {
        try Self.run { service, _ in
            try await service.functions.register("sum", FunctionClosure { $0.payload })
            do throws(RestError) {
                _ = try await UpdateFunctionCode.run(
                    Self.call([:], #"{"ZipFile":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}"#),
                    service
                )
                Issue.record("it was taken")
            } catch {
                #expect("\(error)".contains("InvalidParameterValueException"))
                #expect("\(error)".contains("is a closure of the program"))
            }
        }
    }
}
