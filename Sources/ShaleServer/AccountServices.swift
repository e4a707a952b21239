internal import ShaleLogs
internal import ShaleTables

/// What every server keeps beside tables, whether it runs functions or not: logs.
struct AccountServices: Sendable {
    /// One for all who write lines, so that no two are given one place.
    let logs: Logs

    /// Opens what a database has of them.
    ///
    /// - Throws: `.database`.
    static func open(_ database: Database) async throws(ServerError) -> AccountServices {
        do throws(LogsError) {
            return AccountServices(logs: try await Logs(database))
        } catch {
            throw ServerError(.database, "The logs cannot be opened: \(error.message)")
        }
    }
}
