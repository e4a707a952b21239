import ArgumentParser
import Foundation
import ShalePlatform
import ShaleTables

/// `shale restore`: makes a table of a backup, or of a table's past.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a table of a backup, or of the past of a table.",
        discussion: """
            The new table has the keys, indexes and capacity of the old one. Ends when all
            items and index entries are there. The database must not be open elsewhere.

              shale restore music.shale Songs2 --backup 01764374400000-1a2b3c4d
              shale restore music.shale Songs2 --table Songs --at 2026-11-28T17:30:00Z
              shale restore music.shale Songs2 --table Songs
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Argument(help: "The name of the new table.")
    var target: String

    @Option(help: "The label of a backup, as `backup` prints it.")
    var backup: String?

    @Option(help: "The table whose past it is made of; that must be kept.")
    var table: String?

    @Option(help: "The time in UTC, as 2026-11-28T17:30:00Z; default is the newest.")
    var at: String?

    func validate() throws {
        guard (backup == nil) != (table == nil) else {
            throw ValidationError("It is either --backup or --table.")
        }
        guard at == nil || table != nil else {
            throw ValidationError("--at is a time of the past of --table.")
        }
        _ = try Moment.milliseconds(at)
    }

    func run() async throws {
        let time = try Moment.milliseconds(at).map { RestoreTime.at($0) } ?? .latest
        try await Opening.withDatabase(directory) { database, world in
            let description: TableDescription
            let total: Int
            do throws(DatabaseError) {
                if let table {
                    description = try await database.restoreTable(table, at: time, to: target)
                    // As many as it has now: how many it had is known when it is there.
                    total = try database.describeTable(table).itemCount
                } else {
                    let source = try Backup.backup(backup ?? "", of: database)
                    total = source.table.itemCount
                    description = try await database.restoreTable(
                        from: source.identity,
                        to: target
                    )
                }
            } catch {
                throw Complaint(error)
            }
            let count = try await Self.wait(
                for: description.tableName,
                of: total,
                in: database,
                world
            )
            Terminal.complain("\(Terminal.grouped(count)) items into \(target)")
        }
    }

    /// Shows how far it is until the table can be used.
    private static func wait(
        for table: String,
        of total: Int,
        in database: Database,
        _ world: World
    ) async throws -> Int {
        var bar = ProgressBar("restoring", total: total, time: world.time)
        defer { bar.finish() }
        while true {
            let description = try Opening.table(table, of: database)
            if description.status == .active { return description.itemCount }
            guard !database.hasFailed(table) else {
                throw Complaint(.failed, "\(table) could not be restored")
            }
            bar.update(done: description.itemCount, count: description.itemCount)
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// A time on the command line.
enum Moment {
    /// Milliseconds since 1970 of a text in the extended form of ISO 8601; nil where there is none.
    static func milliseconds(_ text: String?) throws -> Int64? {
        guard let text else { return nil }
        let plain = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? plain.parse(text)) ?? (try? fractional.parse(text)) else {
            throw ValidationError("\(text) is no time as 2026-11-28T17:30:00Z.")
        }
        return Int64((date.timeIntervalSince1970 * 1_000).rounded())
    }
}
