import ArgumentParser
import ShaleEngine
import ShalePlatform
import ShaleTables

/// `shale backup`: makes a backup of a table, or lists those there are.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a backup of a table, or list or delete backups.",
        discussion: """
            With a table: makes a backup of it, and prints its label, which `restore` takes.
            Without one: prints a line for each backup: label, table, name, type, items, bytes.
            A backup is in the database's directory, and takes space as the table moves on.
            The database must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Argument(help: "The name of the table.")
    var table: String?

    @Option(help: "What the backup is called.")
    var name = "shell"

    @Option(help: "Deletes the backup with this label.")
    var delete: String?

    func validate() throws {
        guard table == nil || delete == nil else {
            throw ValidationError("A table is backed up or a backup deleted, not both.")
        }
    }

    func run() async throws {
        let isReading = table == nil && delete == nil
        try await Opening.withDatabase(directory, access: isReading ? .readOnly : .readWrite) {
            database,
            _ in
            do throws(DatabaseError) {
                if let table {
                    let backup = try await database.createBackup(table, name: name)
                    print(backup.identity.label)
                    let items = Terminal.grouped(backup.table.itemCount)
                    Terminal.complain("\(items) items of \(table)")
                } else if let delete {
                    let known = try Self.backup(delete, of: database)
                    _ = try await database.deleteBackup(known.identity)
                } else {
                    for backup in try Self.all(of: database) { print(Self.line(backup)) }
                }
            } catch {
                throw Complaint(error)
            }
        }
    }

    /// All backups, the oldest first.
    static func all(of database: Database) throws(DatabaseError) -> [BackupDescription] {
        var backups: [BackupDescription] = []
        var request = ListBackupsRequest()
        repeat {
            let page = try database.listBackups(request)
            backups += page.backups
            request.exclusiveStart = page.lastEvaluated
        } while request.exclusiveStart != nil
        return backups
    }

    /// The backup with a label.
    static func backup(
        _ label: String,
        of database: Database
    ) throws(DatabaseError) -> BackupDescription {
        guard let backup = try all(of: database).first(where: { $0.identity.label == label }) else {
            throw DatabaseError(.backupNotFound, "there is no backup \(label)")
        }
        return backup
    }

    private static func line(_ backup: BackupDescription) -> String {
        [
            backup.identity.label, backup.identity.tableName, backup.name, backup.type.rawValue,
            String(backup.table.itemCount), String(backup.table.sizeBytes),
        ].joined(separator: "\t")
    }
}
