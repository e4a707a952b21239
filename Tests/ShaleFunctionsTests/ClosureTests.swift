import ShaleItems
import ShalePlatform
import ShaleTables
import Simulation
import Synchronization
import Testing

@testable import ShaleFunctions

/// Closures of the program that are functions, in a simulated world.
@Suite struct ClosureTests {
    private struct Odd: Error, CustomStringConvertible {
        var description: String { "odd \"payload\"" }
    }

    private final class Lines: FunctionLog {
        let texts = Mutex<[String]>([])

        func write(_ line: FunctionLine) { texts.withLock { $0.append(line.text) } }
    }

    private struct Scene: Sendable {
        let functions: Functions
        let world: World
        let lines: Lines

        static func open(_ world: World) async throws -> (Scene, Database) {
            let database = try await Database.open("db", in: world)
            let lines = Lines()
            let functions = try await Functions(
                database,
                host: ClosureHost(),
                log: lines,
                world: world,
                region: "us-east-1",
                account: "000000000000"
            )
            return (Scene(functions: functions, world: world, lines: lines), database)
        }

        func pass(_ milliseconds: Int64) async {
            await withCheckedContinuation { continuation in
                world.scheduler.schedule(.housekeeping, after: .milliseconds(milliseconds)) {
                    continuation.resume()
                }
            }
        }

        func echo() async throws {
            try await functions.register("echo", FunctionClosure { $0.payload })
        }
    }

    private static func run(_ body: @escaping @Sendable (Scene) async throws -> Void) throws {
        let simulation = SimulatedWorld(seed: 5)
        let world = simulation.world
        try simulation.runTask {
            let (scene, database) = try await Scene.open(world)
            try await body(scene)
            scene.functions.stop()
            try await database.close()
        }
    }

    private static func refusal(_ body: () async throws -> Void) async -> FunctionError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? FunctionError)?.code
        }
    }

    @Test func `a closure is listed, described and invoked by its name, and told in the log`()
        throws
    {
        try Self.run { scene in
            let closure = FunctionClosure(description: "d", timeoutSeconds: 7) { call in
                call.log("said\ntwice")
                return call.payload + Array(call.resourceName.utf8.suffix(4))
            }
            try await scene.functions.register("echo", closure)
            let listed = try await scene.functions.functions(after: nil, limit: 9)
            #expect(listed.map(\.name) == ["echo"])
            let function = try await scene.functions.function("echo", "$LATEST")
            #expect(function.isClosure)
            #expect(function.state == "Active")
            #expect(function.timeoutSeconds == 7)
            #expect(function.told["#closure"] == nil)
            let answer = try await scene.functions.invoke("echo", payload: [7], requestID: "r")
            #expect(answer.outcome.payload == [7] + Array("echo".utf8))
            let lines = scene.lines.texts.withLock { $0 }
            #expect(lines.prefix(3) == ["START RequestId: r Version: $LATEST", "said", "twice"])
            #expect(answer.outcome.lines == ["said", "twice"])
            #expect(scene.functions.usage["echo"]?.requests == 1)
        }
    }

    @Test func `an event for a closure is handled behind the answer`() throws {
        try Self.run { scene in
            let seen = Mutex<[[UInt8]]>([])
            let closure = FunctionClosure { call in
                seen.withLock { $0.append(call.payload) }
                return []
            }
            try await scene.functions.register("note", closure)
            try await scene.functions.take("note", payload: [1], identity: "i")
            await scene.pass(100)
            #expect(seen.withLock { $0 } == [[1]])
        }
    }

    @Test func `what a closure throws is told its caller, as a function's error is`() throws {
        try Self.run { scene in
            try await scene.functions.register("odd", FunctionClosure { _ in throw Odd() })
            let outcome = try await scene.functions.invoke("odd", payload: []).outcome
            #expect(outcome.functionError == "Unhandled")
            let text = String(decoding: outcome.payload, as: UTF8.self)
            #expect(text == #"{"errorType":"Odd","errorMessage":"odd \"payload\""}"#)
        }
    }

    @Test func `one that takes too long is cancelled, and its caller told at its time`() throws {
        try Self.run { scene in
            let isCancelled = Mutex(false)
            let world = scene.world
            let closure = FunctionClosure(timeoutSeconds: 2) { _ in
                for _ in 0..<10 where !Task.isCancelled {
                    await scene.pass(1_000)
                }
                isCancelled.withLock { $0 = Task.isCancelled }
                return []
            }
            try await scene.functions.register("slow", closure)
            let began = world.time.monotonicNanoseconds
            let outcome = try await scene.functions.invoke("slow", payload: []).outcome
            let seconds = (world.time.monotonicNanoseconds - began) / 1_000_000_000
            #expect(seconds == 2)
            #expect(outcome.status == "timeout")
            #expect(String(decoding: outcome.payload, as: UTF8.self).contains("Sandbox.Timedout"))
            await scene.pass(2_000)
            #expect(isCancelled.withLock { $0 })
        }
    }

    @Test func `each call has its own time, also where the one before took long`() throws {
        try Self.run { scene in
            let closure = FunctionClosure(timeoutSeconds: 2) { call in
                await scene.pass(Int64(call.payload[0]) * 100)
                return call.payload
            }
            try await scene.functions.register("slow", closure)
            for tenths: UInt8 in [15, 19, 1, 19] {
                let outcome = try await scene.functions.invoke("slow", payload: [tenths]).outcome
                #expect(outcome.payload == [tenths])
            }
            let outcome = try await scene.functions.invoke("slow", payload: [30]).outcome
            #expect(outcome.status == "timeout")
            #expect(outcome.duration / 1_000_000_000 == 2)
        }
    }

    @Test func `of one that writes without end the caller gets the end`() throws {
        try Self.run { scene in
            let closure = FunctionClosure { call in
                for number in 0..<10_000 { call.log("line \(number)") }
                return []
            }
            try await scene.functions.register("loud", closure)
            let lines = try await scene.functions.invoke("loud", payload: []).outcome.lines
            #expect(lines.last == "line 9999")
            #expect(lines.reduce(0) { $0 + $1.utf8.count + 1 } <= FunctionLimits.logTailBytes)
            #expect(scene.lines.texts.withLock { $0 }.count { $0.hasPrefix("line") } == 10_000)
        }
    }

    @Test func `what needs code is refused with what is wrong`() throws {
        try Self.run { scene in
            try await scene.echo()
            let functions = scene.functions
            let function = try await functions.function("echo")
            let calls: [() async throws -> Void] = [
                { _ = try await functions.updateCode("echo", archive: [1]) },
                { _ = try await functions.tryCode("echo", archive: [1]) },
                { _ = try await functions.archive(of: function) },
                { _ = try await functions.publish("echo") },
                { _ = try await functions.updateConfiguration("echo", ["Handler": "x"]) },
                { _ = try await functions.updateConfiguration("echo", ["Layers": []]) },
                { _ = try await functions.provision(1, of: "echo", "$LATEST") },
                { _ = try await functions.register("a b", FunctionClosure { $0.payload }) },
            ]
            for (number, call) in calls.enumerated() {
                let code = await Self.refusal(call)
                #expect(code == .invalidParameter, "the call \(number)")
            }
            let changed = try await functions.updateConfiguration("echo", ["Timeout": 9])
            #expect(changed.timeoutSeconds == 9)
            #expect(changed.revision != function.revision)
        }
    }

    @Test func `another closure takes the place of one, and a deleted one is gone`() throws {
        try Self.run { scene in
            try await scene.echo()
            try await scene.functions.register("echo", FunctionClosure { _ in [2] })
            #expect(try await scene.functions.invoke("echo", payload: [1]).outcome.payload == [2])
            try await scene.functions.delete("echo")
            let code = await Self.refusal {
                _ = try await scene.functions.invoke("echo", payload: [1])
            }
            #expect(code == .resourceNotFound)
            #expect(try await scene.functions.functions(after: nil, limit: 9).isEmpty)
            try await scene.echo()
            #expect(try await scene.functions.invoke("echo", payload: [1]).outcome.payload == [1])
        }
    }

    @Test func `after the power fails it is refused, and its events wait, until it is registered`()
        throws
    {
        let simulation = SimulatedWorld(seed: 6)
        let first = simulation.world
        try simulation.runTask {
            let (scene, _) = try await Scene.open(first)
            try await scene.echo()
            scene.functions.stopEvents()
            try await scene.functions.take("echo", payload: [3], identity: "i")
        }
        simulation.crash(leftovers: .runIntoErrors)
        let second = simulation.world
        try simulation.runTask {
            let (scene, database) = try await Scene.open(second)
            try await scene.functions.resume()
            let code = await Self.refusal {
                _ = try await scene.functions.invoke("echo", payload: [1])
            }
            #expect(code == .resourceNotReady)
            try await scene.functions.resumeEvents()
            await scene.pass(10)
            let seen = Mutex<[[UInt8]]>([])
            let closure = FunctionClosure { call in
                seen.withLock { $0.append(call.payload) }
                return []
            }
            try await scene.functions.register("echo", closure)
            await scene.pass(600_000)
            #expect(seen.withLock { $0 } == [[3]])
            scene.functions.stop()
            try await database.close()
        }
    }
}
