import ShaleItems
import ShalePlatform
import ShaleTables
import Synchronization
import Testing

@testable import ShaleFunctions

/// Many invocations at once, on a host whose environments need a while to initialise.
@Suite struct FunctionStartsTests {
    /// How many environments initialise, and have.
    private final class Count: Sendable {
        let now = Mutex((initialising: 0, most: 0, started: 0))

        func begin() {
            now.withLock {
                $0.initialising += 1
                $0.started += 1
                $0.most = max($0.most, $0.initialising)
            }
        }

        func end() { now.withLock { $0.initialising -= 1 } }
    }

    private final class Slow: FunctionEnvironment {
        let stream: String
        let isAlive = true
        private let initialisation: Task<Void, Never>

        init(_ stream: String, _ count: Count) {
            self.stream = stream
            count.begin()
            initialisation = Task {
                for _ in 0..<200 { await Task.yield() }
                count.end()
            }
        }

        func isInitialised() async -> Bool {
            await initialisation.value
            return true
        }

        func invoke(
            _ invocation: Invocation,
            into stream: AnswerStream?
        ) async -> InvocationOutcome {
            await initialisation.value
            return InvocationOutcome(payload: invocation.payload)
        }

        func stop() {}
    }

    private struct SlowHost: FunctionHost {
        let count: Count
        /// Whether every other start fails.
        var isPoor = false

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
            if isPoor, count.now.withLock({ $0.started % 2 == 1 }) {
                count.now.withLock { $0.started += 1 }
                throw FunctionError(.service, "the machine refuses")
            }
            return Slow(stream, count)
        }
    }

    /// Runs what is due at once, and nothing that is due later: no environment takes too long, however slow the machine is.
    private final class StandingClock: Scheduler {
        private let real: any Scheduler

        init(_ real: any Scheduler) { self.real = real }

        var callerMayBlock: Bool { real.callerMayBlock }
        var processorCount: Int { real.processorCount }
        var taskExecutor: (any TaskExecutor)? { real.taskExecutor }

        func schedule(
            _ work: WorkClass,
            after delay: Duration,
            _ step: @escaping @Sendable () -> Void
        ) {
            if delay == .zero { real.schedule(work, after: delay, step) }
        }

        func makeGate() -> any Gate { real.makeGate() }
        func shutDown() { real.shutDown() }
    }

    private struct NoLog: FunctionLog {
        func write(_ line: FunctionLine) {}
    }

    /// Invokes a function so many times at once; answers how many were answered.
    private static func answered(of times: Int, on host: SlowHost) async throws -> Int {
        var world = World.posix()
        world.files = MemoryFileSystem()
        world.scheduler = StandingClock(world.scheduler)
        defer { world.scheduler.shutDown() }
        let database = try await Database.open("data", in: world)
        let functions = try await Functions(
            database,
            host: host,
            log: NoLog(),
            world: world,
            region: "us-east-1",
            account: "000000000000"
        )
        let given: Item = [
            "FunctionName": "slow", "Runtime": "provided.al2023", "Handler": "x", "Timeout": 3,
        ]
        _ = try await functions.create(given, archive: [1])
        while try await functions.function("slow").state == "Pending" { await Task.yield() }
        let answered = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<times {
                group.addTask {
                    let payload = [UInt8(number)]
                    do throws(FunctionError) {
                        let answer = try await functions.invoke("slow", payload: payload)
                        return answer.outcome.payload == payload
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        functions.stop()
        try await database.close()
        return answered
    }

    @Test func `a few start at a time, and all invocations are answered`() async throws {
        let count = Count()
        #expect(try await Self.answered(of: 60, on: SlowHost(count: count)) == 60)
        let limit = max(4, 2 * World.posix().scheduler.processorCount)
        let (initialising, most, started) = count.now.withLock { $0 }
        #expect(initialising == 0)
        #expect((1...limit).contains(most))
        #expect(started <= 60)
    }

    @Test func `a start that fails lets the next one start`() async throws {
        let count = Count()
        let answered = try await Self.answered(of: 60, on: SlowHost(count: count, isPoor: true))
        #expect((1..<60).contains(answered))
    }
}
