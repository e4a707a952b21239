internal import OrderedCollections
internal import ShaleItems
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

/// Answers tasks by their function's name; counts in a table, each task once; leaves tokens at a desk.
struct ScriptedCaller: TaskCaller {
    let database: Database
    let marks: SystemTable
    let desk: TokenDesk
    let world: World

    func bucket(_ name: String) -> (any Bucket)? { nil }

    func call(_ task: OpenTask) async -> TaskOutcome {
        if let token = task.token {
            desk.take(token, world)
            return .submitted(.object(["StatusCode": .integer(200)]))
        }
        switch task.resource.arn.split(separator: ":").last {
        case "fail": return .failed(error: "Odd", cause: "because")
        case "updateItem": return await count(task)
        default: return .succeeded(.object(["got": task.arguments]))
        }
    }

    /// Counts for the execution, as a task that writes a table does: in one record with the mark that it has.
    private func count(_ task: OpenTask) async -> TaskOutcome {
        let mark = WriteMark(task.identity, in: marks)
        let result = await WriteMark.$current.withValue(mark) { () async -> TaskOutcome in
            do throws(DatabaseError) {
                try await database.table("Counts").update(
                    ["of": .string(task.execution)],
                    "ADD n :one",
                    values: [":one": 1]
                )
                return .succeeded(.object(["counted": .bool(true)]))
            } catch {
                return .later
            }
        }
        return result
    }
}

/// A database with executions.
struct OpenExecutions: Sendable {
    let database: Database
    let timers: Timers
    let executions: Executions
    let world: World

    /// Opens what is there; with a desk that knows of lives before.
    static func open(
        _ world: World,
        _ machines: ScriptedMachines,
        _ desk: TokenDesk = TokenDesk()
    ) async throws -> OpenExecutions {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        let database = try await Database.open("db", options, in: world)
        // What is reported is tried again; what does not succeed never ends.
        let timers = try await Timers(database, world) { _ in }
        let executions = try await Executions(
            database,
            timers: timers,
            machines: machines,
            caller: ScriptedCaller(
                database: database,
                marks: try await WriteMark.table(database),
                desk: desk,
                world: world
            ),
            world: world,
            region: "here",
            account: "1"
        ) { _ in }
        desk.begin(executions, world)
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

    /// Makes the table in which tasks count.
    func makeCounts() async throws {
        _ = try await database.createTable("Counts", partitionKey: .string("of"))
    }

    /// How often tasks of an execution have counted.
    func count(of machine: String, _ name: String) async throws -> AttributeValue? {
        try await database.table("Counts").get(["of": .string(Self.arn(machine, name))])?["n"]
    }

    private static func arn(_ machine: String, _ name: String) -> String {
        "arn:aws:states:here:1:execution:\(machine):\(name)"
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
        let arn = Self.arn(machine, name)
        let last = world.time.wallMilliseconds + 3_600_000
        while true {
            let description = try await executions.describe(arn)
            if description.status != .running {
                let events = try await executions.history(arn, limit: 1_000).events
                let types = events.compactMap { $0["type"]?.text }
                return ExecutionEnd(description, types, try await count(of: machine, name))
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

/// How an execution ended, how many events of each type it has, and how often its tasks have counted.
struct ExecutionEnd: Sendable, Equatable, CustomStringConvertible {
    let status: String
    let output: String?
    let types: [String: Int]
    let count: AttributeValue?

    init(_ execution: ExecutionDescription, _ types: [String], _ count: AttributeValue? = nil) {
        status = "\(execution.status)"
        output = execution.output
        self.count = count
        self.types = types.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    var description: String {
        let events = types.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return "\(status), \(output ?? "no output"), \(events.joined(separator: ", ")), "
            + "counted \(count.map { "\($0)" } ?? "nothing")"
    }
}
