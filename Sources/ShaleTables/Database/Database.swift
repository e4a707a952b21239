internal import ShaleEngine
public import ShalePlatform
internal import Synchronization

/// Tables of items over one engine, with the verbs of DynamoDB: one file for each verb.
///
/// A database is one directory, open in one process. All verbs may be called from any number of tasks
/// at once. Reads see every write that was acknowledged before they began, and an index never
/// disagrees with its table.
public final class Database: Sendable {
    let engine: Engine
    let catalog: Catalog
    let options: DatabaseOptions
    let world: World
    let backfills = Mutex<[TableID: Task<Void, Never>]>([:])

    private init(
        _ engine: Engine,
        _ catalog: Catalog,
        _ options: DatabaseOptions,
        _ world: World
    ) {
        self.engine = engine
        self.catalog = catalog
        self.options = options
        self.world = world
    }

    /// Opens the database in `directory`, which is made if it does not exist.
    ///
    /// Indexes that were being filled when the database was closed are filled anew, in the background.
    /// - Throws: `.internalFailure` with the engine's reason: the directory is locked, foreign, damaged
    ///   or of a newer format.
    public static func open(
        _ directory: String,
        _ options: DatabaseOptions = DatabaseOptions(),
        in world: World
    ) async throws(DatabaseError) -> Database {
        let engine: Engine
        do throws(EngineError) {
            engine = try await Engine.open(directory, options.engine, in: world)
        } catch {
            throw DatabaseError(error)
        }
        let catalog: Catalog
        do throws(DatabaseError) {
            catalog = try await Catalog.open(engine)
        } catch {
            // The first error is what matters; closing gives the directory back as far as it can.
            try? await engine.close()
            throw error
        }
        let database = Database(engine, catalog, options, world)
        database.resumeBackfills()
        return database
    }

    /// Ends background work, flushes, and gives the directory back; what was acknowledged stays.
    ///
    /// - Throws: `.internalFailure` when not everything could be flushed: the next open replays it.
    public func close() async throws(DatabaseError) {
        await stopBackfills()
        do throws(EngineError) {
            for table in catalog.tables {
                let definition = table.definition
                try await catalog.write(definition, table.tallies(of: definition))
            }
            try await engine.close()
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Writes an openable copy of the database into the new directory `path`, without stopping.
    public func checkpoint(to path: String) async throws(DatabaseError) {
        do throws(EngineError) {
            try await engine.checkpoint(to: path)
        } catch {
            throw DatabaseError(error)
        }
    }
}
