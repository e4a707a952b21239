internal import Logging
internal import ServiceLifecycle
internal import ShaleFunctions
internal import ShaleLogs
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleServices
internal import ShaleStateMachines
internal import ShaleTables

/// State machines and their executions, for as long as the server runs.
final class StatesRuntime: ServiceLifecycle.Service, CustomStringConvertible {
    let machines: StateMachines
    let executions: Executions
    /// Reached when what was under way at the last end is taken up.
    let resumed = Milestone()
    private let log: StoredLog
    private let logger: Logger

    /// Opens what a database has of them.
    ///
    /// - Throws: `.database`.
    init(
        _ configuration: ServerConfiguration,
        _ database: Database,
        _ account: AccountServices,
        _ functions: Functions?,
        _ world: World,
        _ logger: Logger
    ) async throws(ServerError) {
        var tables = Service(
            database: database,
            region: configuration.region,
            account: configuration.account,
            endpoint: ""
        )
        tables.buckets = configuration.buckets.mapValues { DirectoryBucket($0, in: world) }
        log = StoredLog(account.logs, groups: .required, world: world) { logger.warning("\($0)") }
        do throws(DatabaseError) {
            machines = try await StateMachines(
                database,
                timers: account.timers,
                world: world,
                region: configuration.region,
                account: configuration.account,
                tableActions: TaskCalls.actions
            )
            executions = try await Executions(
                database,
                timers: account.timers,
                machines: machines,
                caller: TaskCalls(
                    functions: functions,
                    tables: tables,
                    marks: try await WriteMark.table(database)
                ),
                world: world,
                region: configuration.region,
                account: configuration.account,
                log: log
            ) { reason in logger.warning("\(reason)") }
        } catch {
            throw ServerError(.database, "The executions cannot be opened: \(error.message)")
        }
        self.logger = logger
    }

    /// What operations of the API work on.
    func service(_ logs: Logs) -> StatesService {
        StatesService(machines: machines, executions: executions, logs: logs)
    }

    /// Ends executions, and writes what they have logged.
    func stop() async {
        await executions.stop()
        await log.flush()
    }

    var description: String { "executions" }

    func run() async throws {
        do throws(StatesError) {
            try await executions.resume()
            machines.collectRevisions { [executions] group, revision throws(StatesError) in
                try await executions.uses(group, revision)
            }
        } catch {
            logger.error(
                "executions are not taken up",
                metadata: ["error": "\(error.message)"]
            )
        }
        resumed.reach()
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: what is under way ends all the same.
        }
        // What ends because the server ends has not failed: nothing more is recorded. `stop` follows behind functions.
        executions.halt()
    }
}
