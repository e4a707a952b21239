internal import Logging
internal import ServiceLifecycle
internal import ShaleFunctions
internal import ShalePlatform
internal import ShaleServices
internal import ShaleStateMachines
internal import ShaleTables
internal import ShaleTriggers

/// Schedules, for as long as the server runs: they begin when what they start has taken its own work up.
final class ScheduleRuntime: ServiceLifecycle.Service, CustomStringConvertible {
    /// What requests reach.
    let scheduler: SchedulerService
    private let functions: FunctionRuntime?
    private let states: StatesRuntime

    /// Opens what a database has of them.
    ///
    /// - Throws: `.database`.
    init(
        _ configuration: ServerConfiguration,
        _ database: Database,
        _ account: AccountServices,
        _ functions: FunctionRuntime?,
        _ states: StatesRuntime,
        _ world: World,
        _ logger: Logger
    ) async throws(ServerError) {
        self.functions = functions
        self.states = states
        var targets: [any ScheduleTarget] = [
            MachineTarget(states.executions), StartExecutionTarget(states.executions),
        ]
        if let functions { targets.append(FunctionTarget(functions.lambda.functions)) }
        do throws(ScheduleError) {
            scheduler = SchedulerService(
                schedules: try await Schedules(
                    database,
                    account.timers,
                    targets: targets,
                    world: world,
                    region: configuration.region,
                    account: configuration.account
                ) { logger.warning("\($0)") },
                region: configuration.region,
                account: configuration.account
            )
        } catch {
            throw ServerError(.database, "The schedules cannot be opened: \(error.message)")
        }
    }

    var description: String { "schedules" }

    func run() async throws {
        await functions?.resumed.wait()
        await states.resumed.wait()
        scheduler.schedules.resume()
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: timers end by themselves.
        }
    }
}
