internal import ShaleIdentity
internal import ShaleLogs
internal import ShalePlatform
internal import ShaleTables

/// What every server keeps beside tables, whether it runs functions or not: logs, roles and policies.
struct AccountServices: Sendable {
    /// One for all who write lines, so that no two are given one place.
    let logs: Logs
    let identity: Identity

    /// Opens what a database has of them.
    ///
    /// - Throws: `.database`.
    static func open(
        _ database: Database,
        _ configuration: ServerConfiguration,
        _ world: World
    ) async throws(ServerError) -> AccountServices {
        let logs: Logs
        do throws(LogsError) { logs = try await Logs(database) } catch {
            throw ServerError(.database, "The logs cannot be opened: \(error.message)")
        }
        do throws(IdentityError) {
            let identity = try await Identity(
                database,
                account: configuration.account,
                randomness: world.randomness
            )
            return AccountServices(logs: logs, identity: identity)
        } catch {
            throw ServerError(.database, "Roles and policies cannot be opened: \(error.message)")
        }
    }
}
