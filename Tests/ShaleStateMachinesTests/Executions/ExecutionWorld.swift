import OrderedCollections
import ShaleFunctions
import ShaleItems
import ShaleJSON
import ShalePlatform
import ShaleStates
import ShaleTables
import ShaleTimers
import Synchronization

@testable import ShaleStateMachines

/// Machines that tests know by their names.
final class TestMachines: MachineSource {
    private let machines = Mutex<[String: (StateMachineProgram, ResolvedMachine.Kind)]>([:])
    private let logging = Mutex<[String: Item]>([:])

    /// Lets a machine log to the group `g`.
    func log(_ name: String, _ level: String, data: Bool) {
        let group: AttributeValue = .map(["logGroupArn": "arn:aws:logs:here:1:log-group:g:*"])
        let item: Item = [
            "level": .string(level), "includeExecutionData": .bool(data),
            "destinations": .list([.map(["cloudWatchLogsLogGroup": group])]),
        ]
        logging.withLock { $0[name] = item }
    }

    /// Adds a machine whose states are these.
    func add(_ name: String, _ definition: String, _ kind: ResolvedMachine.Kind = .standard) throws
    {
        let program = try StateMachineProgram.parse(definition)
        machines.withLock { $0[name] = (program, kind) }
    }

    static func arn(_ name: String) -> String { "arn:aws:states:here:1:stateMachine:\(name)" }

    func resolve(_ arn: String) async throws(StatesError) -> ResolvedMachine {
        let name = String(arn.split(separator: ":").last ?? "")
        guard let (program, kind) = machines.withLock({ $0[name] }) else {
            throw StatesError(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(arn)'")
        }
        return ResolvedMachine(
            name: name,
            arn: Self.arn(name),
            revision: "1",
            kind: kind,
            roleARN: "role",
            logging: logging.withLock { $0[name] },
            program: program
        )
    }

    func activityExists(_ arn: String) async throws(StatesError) -> Bool {
        !arn.hasSuffix(":gone")
    }

    func program(
        machine: String,
        revision: String
    ) async throws(StatesError) -> StateMachineProgram {
        try await resolve(Self.arn(machine)).program
    }
}

/// Answers tasks at once by their function's name, and counts how often each was handed over.
final class TestCaller: TaskCaller {
    let calls = Mutex<[String: Int]>([:])
    let tokens = Mutex<[String]>([])

    let objects = MemoryBucket()

    func bucket(_ name: String) -> (any Bucket)? { name == "b" ? objects : nil }

    func call(_ task: OpenTask) async -> TaskOutcome {
        calls.withLock { $0[task.identity, default: 0] += 1 }
        if task.resource.pattern == .token {
            if let token = task.token { tokens.withLock { $0.append(token) } }
            return .submitted(.object(["StatusCode": .integer(200)]))
        }
        switch task.resource.arn.split(separator: ":").last {
        case "fail": return .failed(error: "Odd", cause: "because")
        default: return .succeeded(.object(["got": task.arguments]))
        }
    }
}

/// A database with executions, which can be opened again after a crash.
struct TestExecutions {
    let database: Database
    let timers: Timers
    let executions: Executions

    static func open(
        _ world: World,
        _ machines: TestMachines,
        _ caller: any TaskCaller,
        log: (any FunctionLog)? = nil,
        stateLimitBytes: Int = ExecutionStore.stateLimitBytes
    ) async throws -> TestExecutions {
        let database = try await Database.open("db", in: world)
        let timers = try await Timers(database, world) { _ in }
        let executions = try await Executions(
            database,
            timers: timers,
            machines: machines,
            caller: caller,
            world: world,
            region: "here",
            account: "1",
            log: log,
            stateLimitBytes: stateLimitBytes
        ) { _ in }
        try await executions.resume()
        return TestExecutions(database: database, timers: timers, executions: executions)
    }

    func close() async throws {
        await timers.stop()
        await executions.stop()
        try await database.close()
    }

    /// Waits for the end of an execution, for five minutes of simulated time; one that still runs then is answered as it is.
    func ended(_ arn: String) async throws -> ExecutionDescription {
        let end = executions.now + 300_000
        while true {
            let description = try await executions.describe(arn)
            if description.status != .running || executions.now > end { return description }
            await executions.pause(milliseconds: 20)
        }
    }

    func types(_ arn: String) async throws -> [String] {
        try await executions.history(arn, limit: 1_000).events.compactMap { $0["type"]?.text }
    }
}
