import ShaleEngine
import ShalePlatform
import ShaleTables

/// Opening of a directory for a subcommand that works on one.
enum Opening {
    /// Opens the database in `directory`, which must be there; runs `body`; closes it.
    static func withDatabase(
        _ directory: String,
        _ options: DatabaseOptions = DatabaseOptions(),
        access: EngineAccess = .readWrite,
        _ body: (Database, World) async throws -> Void
    ) async throws {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        try requireDirectory(directory, world)
        let database: Database
        do throws(DatabaseError) {
            database = try await Database.open(
                directory,
                options,
                access: access,
                in: world
            )
        } catch {
            throw Complaint(error, .couldNotStart)
        }
        do {
            try await body(database, world)
        } catch {
            // The first failure is the one to tell; closing gives back the lock either way.
            try? await database.close()
            throw error
        }
        do throws(DatabaseError) {
            try await database.close()
        } catch {
            throw Complaint(error)
        }
    }

    /// Refuses a directory that is not there: only `serve` and `bench` make one.
    static func requireDirectory(_ directory: String, _ world: World) throws(Complaint) {
        let kind: FileKind?
        do throws(FileError) {
            kind = try world.files.kind(of: directory)
        } catch {
            throw Complaint(error)
        }
        guard kind == .directory else {
            throw Complaint(
                .couldNotStart,
                kind == nil ? "\(directory): no such directory" : "\(directory): not a directory"
            )
        }
    }

    /// The names of all tables, in the order of their bytes.
    static func tableNames(of database: Database) throws(Complaint) -> [String] {
        do throws(DatabaseError) {
            var names: [String] = []
            var start: String?
            repeat {
                let page = try database.listTables(exclusiveStart: start)
                names += page.tableNames
                start = page.lastEvaluatedTableName
            } while start != nil
            return names
        } catch {
            throw Complaint(error)
        }
    }

    /// The description of a table, or a complaint that names those there are.
    static func table(_ name: String, of database: Database) throws(Complaint) -> TableDescription {
        do throws(DatabaseError) {
            return try database.describeTable(name)
        } catch {
            guard error.code == .resourceNotFound else { throw Complaint(error) }
            // A listing that fails leaves the complaint without its help, which is no loss.
            let names = (try? database.listTables().tableNames) ?? []
            let known =
                names.isEmpty ? "there are no tables" : "there are " + names.joined(separator: ", ")
            throw Complaint(.problemFound, "no table \(name); \(known)")
        }
    }
}
