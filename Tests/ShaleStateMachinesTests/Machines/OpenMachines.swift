import ShalePlatform
import ShaleTables
import ShaleTimers
import Simulation

@testable import ShaleStateMachines

/// Machines and executions of one database, as a server has them.
struct OpenMachines {
    let machines: StateMachines
    let executions: Executions
    let timers: Timers
    let database: Database

    static func open(_ world: World) async throws -> OpenMachines {
        let database = try await Database.open("db", in: world)
        let timers = try await Timers(database, world) { _ in }
        let machines = try await StateMachines(
            database,
            timers: timers,
            world: world,
            region: "here",
            account: "1",
            tableActions: []
        )
        let executions = try await Executions(
            database,
            timers: timers,
            machines: machines,
            caller: TestCaller(),
            world: world,
            region: "here",
            account: "1"
        ) { _ in }
        try await executions.resume()
        machines.collectRevisions { group, revision throws(StatesError) in
            try await executions.uses(group, revision)
        }
        return OpenMachines(
            machines: machines,
            executions: executions,
            timers: timers,
            database: database
        )
    }

    /// Opens them in a simulated world, and closes them behind what is done with them.
    static func run(_ body: @escaping @Sendable (OpenMachines) async throws -> Void) throws {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask {
            let opened = try await open(world)
            try await body(opened)
            try await opened.close()
        }
    }

    func close() async throws {
        await timers.stop()
        await executions.stop()
        try await database.close()
    }

    func pass(_ milliseconds: Int64) async {
        await executions.pause(milliseconds: milliseconds)
    }
}
