public import ShaleEngine
public import ShalePlatform
internal import Synchronization

/// Tables of items over one engine, with the verbs of DynamoDB: one file for each verb.
///
/// A database is one directory, open in one process. All verbs may be called from any number of tasks
/// at once. Reads see every write that was acknowledged before they began, and an index never
/// disagrees with its table.
public final class Database: Sendable {
    package let engine: Engine
    let catalog: Catalog
    let options: DatabaseOptions
    package let world: World
    /// Whether the world's scheduler was made for this database, and ends with it.
    private let ownsWorld: Bool
    private let access: EngineAccess
    let backfills = Mutex<[TableID: Task<Void, Never>]>([:])
    let transferTasks = Mutex<[TransferIdentity: Task<Void, Never>]>([:])
    let housekeeping = Housekeeping()
    let followers = Mutex<[String: Follower]>([:])
    let streamSpace: StreamSpace
    /// Items that are asked for much; nil where none are kept.
    let items: ItemCache?
    /// Pages that are asked for much; nil where no table's are kept.
    let pages: PageCache?
    let systemTableTurn = Turn()
    let retiredUsage = RetiredUsage()
    let scaling = Scaling()

    private init(
        _ engine: Engine,
        _ catalog: Catalog,
        _ options: DatabaseOptions,
        _ world: World,
        ownsWorld: Bool,
        _ access: EngineAccess,
        _ items: ItemCache?,
        _ streamSpace: StreamSpace
    ) {
        self.streamSpace = streamSpace
        self.items = items
        pages = PageCache(options, world)
        self.engine = engine
        self.catalog = catalog
        self.options = options
        self.world = world
        self.ownsWorld = ownsWorld
        self.access = access
    }

    /// Opens the database in `directory`, which is made if it does not exist.
    ///
    ///     let database = try await Database.open(at: "music.shale")
    ///
    /// - Throws: as `open(_:_:in:)`.
    public static func open(
        at directory: String,
        _ options: DatabaseOptions = DatabaseOptions()
    ) async throws(DatabaseError) -> Database {
        try await open(directory, options, owning: .posix())
    }

    /// Opens an empty database in memory; closing it forgets everything.
    public static func inMemory(
        _ options: DatabaseOptions = DatabaseOptions()
    ) async throws(DatabaseError) -> Database {
        try await open("shale", options, owning: .inMemory())
    }

    private static func open(
        _ directory: String,
        _ options: DatabaseOptions,
        owning world: World
    ) async throws(DatabaseError) -> Database {
        do throws(DatabaseError) {
            return try await open(directory, options, world, ownsWorld: true, .readWrite)
        } catch {
            world.scheduler.shutDown()
            throw error
        }
    }

    /// Opens the database in `directory` of a world that the caller has, and shuts down.
    ///
    /// The directory is made if it does not exist, unless only for reading.
    /// Indexes that were being filled when the database was closed are filled anew, in the background.
    /// - Throws: `.internalFailure` with the engine's reason: the directory is locked, foreign, damaged
    ///   or of a newer format.
    public static func open(
        _ directory: String,
        _ options: DatabaseOptions = DatabaseOptions(),
        access: EngineAccess = .readWrite,
        in world: World
    ) async throws(DatabaseError) -> Database {
        try await open(directory, options, world, ownsWorld: false, access)
    }

    private static func open(
        _ directory: String,
        _ options: DatabaseOptions,
        _ world: World,
        ownsWorld: Bool,
        _ access: EngineAccess
    ) async throws(DatabaseError) -> Database {
        let items = ItemCache(options, world)
        var engineOptions = options.engine
        engineOptions.watch = items?.watch
        let engine: Engine
        do throws(EngineError) {
            engine = try await Engine.open(
                directory,
                engineOptions,
                access: access,
                in: world
            )
        } catch {
            throw DatabaseError(error)
        }
        let catalog: Catalog
        let streamSpace: StreamSpace
        do throws(DatabaseError) {
            let gates = CapacityGates(options, world.time)
            catalog = try await Catalog.open(engine, access, gates)
            streamSpace = try Self.streamSpace(engine, catalog, options, directory, world)
        } catch {
            // The first error is what matters; closing gives the directory back as far as it can.
            try? await engine.close()
            throw error
        }
        let database = Database(
            engine,
            catalog,
            options,
            world,
            ownsWorld: ownsWorld,
            access,
            items,
            streamSpace
        )
        if access == .readWrite {
            do throws(DatabaseError) {
                try await database.resumeClock()
                try await database.removeLeftCheckpoints()
                try await database.removeInterruptedImports()
                try await database.loadScaling()
            } catch {
                // As above: the first error is told.
                try? await engine.close()
                throw error
            }
            database.resumeBackfills()
            database.resumeRestores()
            database.startHousekeeping()
        }
        return database
    }

    /// What the engine below looks like, and what it has done since it was opened.
    ///
    /// Costs no file call.
    public var statistics: EngineStatistics { engine.statistics }

    /// What the item cache holds, and what it has done since the database was opened; all zero where there is none.
    public var itemCacheStatistics: CacheStatistics { items?.statistics ?? CacheStatistics() }

    /// The same of the pages of queries and scans that are kept.
    public var pageCacheStatistics: CacheStatistics { pages?.statistics ?? CacheStatistics() }

    /// What both statistics said when the database was last closed.
    public var cachesOfLastLife: (items: CacheStatistics, pages: CacheStatistics) { catalog.caches }

    /// Makes the gates of tables that come to be.
    var gates: CapacityGates { CapacityGates(options, world.time) }

    /// How many tables of the engine hold neither items nor index entries nor the catalog.
    package var systemTableCount: Int {
        let streams = catalog.streams.all.reduce(0) { $0 + $1.engineTables.count }
        let expiring = catalog.tables.filter { $0.definition.timeToLive != nil }.count
        return streams + expiring + catalog.systemTableCount
            + (catalog.tokens.now?.engineTables.count ?? 0)
    }

    /// Writes what is in memory to sorted runs: for tests that want files.
    package func flush() async throws(DatabaseError) {
        do throws(EngineError) {
            try await engine.flush()
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Ends background work, flushes, and gives the directory back; what was acknowledged stays.
    ///
    /// - Throws: `.internalFailure` when not everything could be flushed: the next open replays it.
    public func close() async throws(DatabaseError) {
        await stopFollowers()
        await housekeeping.close()
        await stopTransfers()
        await stopBackfills()
        defer { if ownsWorld { world.scheduler.shutDown() } }
        do throws(EngineError) {
            if access == .readWrite {
                try await catalog.writeTallies(
                    hotKeys(),
                    items: itemCacheStatistics,
                    pages: pageCacheStatistics
                )
            }
            try await engine.close()
        } catch {
            throw DatabaseError(error)
        }
    }
}
