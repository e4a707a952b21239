internal import OrderedCollections
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStateMachines
internal import ShaleStates
internal import ShaleTables
internal import ShaleTimers

/// Machines of a history, by their names.
struct ScriptedMachines: MachineSource {
    private let programs: [String: StateMachineProgram]

    init(_ definitions: [String: String]) throws {
        programs = try definitions.mapValues { try StateMachineProgram.parse($0) }
    }

    static func arn(_ name: String) -> String { "arn:aws:states:here:1:stateMachine:\(name)" }

    func resolve(_ arn: String) async throws(StatesError) -> ResolvedMachine {
        let name = String(arn.split(separator: ":").last ?? "")
        guard let program = programs[name] else {
            throw StatesError(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(arn)'")
        }
        return ResolvedMachine(
            name: name,
            arn: Self.arn(name),
            revision: "1",
            kind: .standard,
            roleARN: "role",
            program: program
        )
    }

    func program(
        machine: String,
        revision: String
    ) async throws(StatesError) -> StateMachineProgram {
        try await resolve(Self.arn(machine)).program
    }
}

/// Answers tasks by their function's name.
struct ScriptedCaller: TaskCaller {
    func bucket(_ name: String) -> (any Bucket)? { nil }

    func call(_ task: OpenTask) async -> TaskOutcome {
        switch task.resource.arn.split(separator: ":").last {
        case "fail": .failed(error: "Odd", cause: "because")
        default: .succeeded(.object(["got": task.arguments]))
        }
    }
}

/// A database with executions.
struct OpenExecutions: Sendable {
    let database: Database
    let timers: Timers
    let executions: Executions
    let world: World

    static func open(_ world: World, _ machines: ScriptedMachines) async throws -> OpenExecutions {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        let database = try await Database.open("db", options, in: world)
        // What is reported is tried again; what does not succeed never ends.
        let timers = try await Timers(database, world) { _ in }
        let executions = try await Executions(
            database,
            timers: timers,
            machines: machines,
            caller: ScriptedCaller(),
            world: world,
            region: "here",
            account: "1"
        ) { _ in }
        try await executions.resume()
        return OpenExecutions(
            database: database,
            timers: timers,
            executions: executions,
            world: world
        )
    }

    func close() async throws {
        await timers.stop()
        await executions.stop()
        try await database.close()
    }

    func start(_ machine: String, _ name: String) async throws {
        _ = try await executions.start(
            ScriptedMachines.arn(machine),
            name: name,
            input: MachineGenerator.input
        )
    }

    /// How an execution has ended, within an hour of simulated time.
    func end(of machine: String, _ name: String) async throws -> ExecutionEnd {
        let arn = "arn:aws:states:here:1:execution:\(machine):\(name)"
        let last = world.time.wallMilliseconds + 3_600_000
        while true {
            let description = try await executions.describe(arn)
            if description.status != .running {
                let events = try await executions.history(arn, limit: 1_000).events
                return ExecutionEnd(description, events.compactMap { $0["type"]?.text })
            }
            guard world.time.wallMilliseconds < last else {
                let last = try await executions.history(arn, isReversed: true, limit: 8).events
                let types = last.compactMap { $0["type"]?.text }.joined(separator: ", ")
                throw Failure("\(name) of \(machine) never ends; its last events are \(types)")
            }
            await world.pause(milliseconds: 100)
        }
    }
}

/// How an execution ended, and how many events of each type it has.
struct ExecutionEnd: Sendable, Equatable, CustomStringConvertible {
    let status: String
    let output: String?
    let types: [String: Int]

    init(_ execution: ExecutionDescription, _ types: [String]) {
        status = "\(execution.status)"
        output = execution.output
        self.types = types.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    var description: String {
        let events = types.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return "\(status), \(output ?? "no output"), \(events.joined(separator: ", "))"
    }
}
