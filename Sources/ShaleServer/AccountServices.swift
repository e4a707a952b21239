internal import Logging
internal import ShaleIdentity
internal import ShaleLogs
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTimers

/// What every server keeps beside tables, whether it runs functions or not: logs, roles and policies, timers.
struct AccountServices: Sendable {
    /// One for all who write lines, so that no two are given one place.
    let logs: Logs
    let identity: Identity
    /// One for all who are told of them.
    let timers: Timers

    /// Opens what a database has of them.
    ///
    /// - Throws: `.database`.
    static func open(
        _ database: Database,
        _ configuration: ServerConfiguration,
        _ world: World,
        _ logger: Logger
    ) async throws(ServerError) -> AccountServices {
        let logs: Logs
        do throws(LogsError) { logs = try await Logs(database) } catch {
            throw ServerError(.database, "The logs cannot be opened: \(error.message)")
        }
        let timers: Timers
        do throws(DatabaseError) {
            timers = try await Timers(database, world) { reason in logger.warning("\(reason)") }
        } catch {
            throw ServerError(.database, "The timers cannot be opened: \(error.message)")
        }
        do throws(IdentityError) {
            let identity = try await Identity(
                database,
                account: configuration.account,
                randomness: world.randomness
            )
            return AccountServices(logs: logs, identity: identity, timers: timers)
        } catch {
            throw ServerError(.database, "Roles and policies cannot be opened: \(error.message)")
        }
    }
}
