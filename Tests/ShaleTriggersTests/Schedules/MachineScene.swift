import ShaleItems
import ShalePlatform
import ShaleStateMachines
import ShaleTables
import ShaleTimers
import Simulation
import Testing

@testable import ShaleTriggers

/// A database of a simulated world with state machines, and schedules that start them.
final class MachineScene: Sendable {
    /// Calls nothing: the machines of these tests pass data on.
    private struct Caller: TaskCaller {
        func call(_: OpenTask) async -> TaskOutcome { .later }
        func bucket(_: String) -> (any Bucket)? { nil }
    }

    static let prefix = "arn:aws:states:us-east-1:000000000000:stateMachine:"

    let simulation: SimulatedWorld
    let database: Database
    let timers: Timers
    let machines: StateMachines
    let executions: Executions
    let schedules: Schedules

    private struct Parts: Sendable {
        let database: Database
        let timers: Timers
        let machines: StateMachines
        let executions: Executions
        let schedules: Schedules
    }

    /// Opens what the disk of a world holds.
    init(_ simulation: SimulatedWorld) throws {
        self.simulation = simulation
        let parts = try Self.run(simulation, Self.open)
        database = parts.database
        timers = parts.timers
        machines = parts.machines
        executions = parts.executions
        schedules = parts.schedules
    }

    private static func run<Answer: Sendable>(
        _ simulation: SimulatedWorld,
        _ body: @escaping @Sendable (SimulatedWorld) async throws -> Answer
    ) throws -> Answer {
        try simulation.runTask { try await body(simulation) }
    }

    private static func open(_ simulation: SimulatedWorld) async throws -> Parts {
        let world = simulation.world
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        let (region, account) = ("us-east-1", "000000000000")
        let database = try await Database.open("db", options, in: world)
        let timers = try await Timers(database, world) { _ in }
        let machines = try await StateMachines(
            database,
            timers: timers,
            world: world,
            region: region,
            account: account,
            tableActions: []
        )
        let executions = try await Executions(
            database,
            timers: timers,
            machines: machines,
            caller: Caller(),
            world: world,
            region: region,
            account: account
        ) { _ in }
        let schedules = try await Schedules(
            database,
            timers,
            targets: [MachineTarget(executions), StartExecutionTarget(executions)],
            world: world,
            region: region,
            account: account
        ) { _ in }
        try await executions.resume()
        schedules.resume()
        return Parts(
            database: database,
            timers: timers,
            machines: machines,
            executions: executions,
            schedules: schedules
        )
    }

    /// Makes a machine that passes its input on, at once or after a wait.
    func make(_ name: String, seconds: Int = 0) throws {
        let machines = machines
        try simulation.runTask {
            let settings = MachineSettings(
                definition:
                    #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":\#(seconds),"End":true}}}"#,
                roleARN: "arn:aws:iam::000000000000:role/r"
            )
            try await machines.create(.init(name: name, kind: .standard, settings: settings))
        }
    }

    /// Makes a schedule that is due once, in half a minute, and is gone then.
    func schedule(_ name: String, _ target: Item, _ expression: String? = nil) async throws {
        var target = target
        target["RoleArn"] = "arn:aws:iam::000000000000:role/r"
        _ = try await schedules.create([
            "Name": .string(name), "FlexibleTimeWindow": ["Mode": "OFF"], "Target": .map(target),
            "ScheduleExpression": .string(expression ?? "at(2026-01-01T00:00:30)"),
            "ActionAfterCompletion": "DELETE",
        ])
    }

    func run(_ seconds: Int) throws {
        try simulation.scheduler.run(for: .seconds(seconds), maximumSteps: .max - 1)
    }

    /// The executions of a machine, the latest first.
    func executions(of machine: String) throws -> [ExecutionDescription] {
        let (machines, executions) = (machines, executions)
        return try simulation.runTask {
            var found: [ExecutionDescription] = []
            let group = try await machines.existing(machines.resourceName(machine)).group
            for one in try await executions.list(group, where: { _ in true }, limit: 100).page {
                found.append(try await executions.describe(one.arn))
            }
            return found
        }
    }

    func count(of table: String) throws -> Int {
        try #require(database.existingSystemTable(table)).itemCount
    }

    /// How many timers of an owner are kept.
    func timers(of owner: String) throws -> Int {
        let table = try #require(database.existingSystemTable("$timers"))
        return try simulation.runTask { try await table.items(of: .string(owner)).count }
    }

    func stop() throws {
        try simulation.runTask {
            await self.timers.stop()
            await self.executions.stop()
            try await self.database.close()
        }
    }
}
