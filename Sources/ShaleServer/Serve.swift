public import Logging
internal import NIOPosix
internal import ServiceLifecycle
internal import ShaleEngine
internal import ShaleMeter
internal import ShalePlatform
internal import ShaleServices
internal import ShaleStateMachines
internal import ShaleTables
internal import UnixSignals

/// Opens the database, serves it until SIGTERM or SIGINT, and closes it.
///
/// Returns when everything is closed; throws when it cannot start or close. The last line that is
/// logged says whether anything is left to replay.
///
/// - Parameters:
///   - configuration: Where to listen, what to serve, whom to trust.
///   - logger: Takes one line per event that somebody should know.
///   - whenListening: Called once, with the address, when connections are taken.
/// - Throws: `ServerError`.
public func serve(
    _ configuration: ServerConfiguration,
    logger: Logger,
    whenListening: @escaping @Sendable (Server.Address) -> Void = { _ in }
) async throws(ServerError) {
    // Before the database is touched: a refused address must leave no directory behind.
    _ = try ListeningAddress.resolve(configuration)
    let world = makeWorld(configuration)
    defer { world.scheduler.shutDown() }
    try requireBuckets(configuration, world)
    let engine = EngineObserver(logger)
    let database = try await openDatabase(configuration, engine, world, logger)
    let endpoint = FunctionEndpoint(world)
    let opened: Opened
    do throws(ServerError) {
        opened = try await open(configuration, database, endpoint, world, logger)
    } catch {
        try await close(database, configuration, logger)
        throw error
    }
    let (account, functions, states) = (opened.account, opened.functions, opened.states)
    let clock = VirtualClock(database, account.timers, states.executions, world, logger)
    var trusting = configuration
    let isGuarded = functions != nil && !trusting.credentials.isEmpty
    if isGuarded { trusting.credentials.append(endpoint.credential) }
    let server = Server(
        trusting,
        database: database,
        engine: engine,
        lambda: functions?.lambda,
        scheduler: opened.schedules.scheduler,
        states: states.service(account.logs),
        services: account,
        clock: clock,
        world: world,
        logger: logger
    )
    let running = RunningServer(server, logger) { address in
        endpoint.isReached(at: address)
        whenListening(address)
    }
    let services: [any Service] = [
        MeterService(database, world, logger) { functions?.use ?? [] },
        LogExpiry(account.logs, world, logger),
        TimerService(account.timers),
    ]
    // They end in the reverse order: requests first, then executions take no more results, then functions end.
    let runtimes = ([functions, states, opened.schedules, clock] as [(any Service)?])
        .compactMap { $0 }
    let failure = await run(services + runtimes + [running], logger)
    await states.stop()
    do throws(ServerError) {
        try await close(database, configuration, logger)
    } catch {
        throw failure ?? error
    }
    if let failure { throw failure }
}

private func makeWorld(_ configuration: ServerConfiguration) -> World {
    var world = World.posix()
    if configuration.hasVirtualClock { world.time = VirtualTime(world.time) }
    return world
}

/// Opens the database, whose events are logged and whose use is metered.
private func openDatabase(
    _ configuration: ServerConfiguration,
    _ engine: EngineObserver,
    _ world: World,
    _ logger: Logger
) async throws(ServerError) -> Database {
    var options = configuration.database
    options.engine.onEvent = { engine.observe($0) }
    let events = DatabaseEventLog(logger: logger)
    options.onEvent = { events.observe($0) }
    options.metersUsage = true
    options.resumesImports = true
    do throws(DatabaseError) {
        return try await Database.open(configuration.dataDirectory, options, in: world)
    } catch {
        throw ServerError(
            .database,
            "Cannot open the database in \(configuration.dataDirectory): \(error.message)"
        )
    }
}

/// Runs services until a signal ends them; answers why they ended otherwise.
private func run(_ services: [any Service], _ logger: Logger) async -> ServerError? {
    do {
        try await ServiceGroup(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        ).run()
    } catch is CancellationError {
        logger.notice("cancelled")
    } catch {
        return error as? ServerError ?? ServerError(.cannotListen, "\(error)")
    }
    return nil
}

/// What stands around tables, with what runs as long as the server does.
private struct Opened {
    let account: AccountServices
    let functions: FunctionRuntime?
    let states: StatesRuntime
    let schedules: ScheduleRuntime
}

private func open(
    _ configuration: ServerConfiguration,
    _ database: Database,
    _ endpoint: FunctionEndpoint,
    _ world: World,
    _ logger: Logger
) async throws(ServerError) -> Opened {
    let account = try await AccountServices.open(database, configuration, world, logger)
    let functions = try await startFunctions(
        configuration,
        database,
        account,
        endpoint,
        world,
        logger
    )
    let states = try await StatesRuntime(
        configuration,
        database,
        account,
        functions?.lambda.functions,
        world,
        logger
    )
    let schedules = try await ScheduleRuntime(
        configuration,
        database,
        account,
        functions,
        states,
        world,
        logger
    )
    return Opened(account: account, functions: functions, states: states, schedules: schedules)
}

/// Functions, where the server is told to run them.
private func startFunctions(
    _ configuration: ServerConfiguration,
    _ database: Database,
    _ account: AccountServices,
    _ endpoint: FunctionEndpoint,
    _ world: World,
    _ logger: Logger
) async throws(ServerError) -> FunctionRuntime? {
    guard let settings = configuration.functions else { return nil }
    return try await FunctionRuntime(
        settings,
        configuration,
        database,
        account,
        endpoint,
        world,
        logger
    )
}

/// Refuses a bucket whose directory is not there: a misspelt one would be found only when an export has failed.
private func requireBuckets(
    _ configuration: ServerConfiguration,
    _ world: World
) throws(ServerError) {
    for (name, directory) in configuration.buckets.sorted(by: { $0.key < $1.key }) {
        let kind: FileKind?
        do throws(FileError) {
            kind = try world.files.kind(of: directory)
        } catch {
            throw ServerError(.database, "The bucket \(name): \(error.description)")
        }
        guard kind == .directory else {
            throw ServerError(.database, "The bucket \(name): \(directory) is no directory")
        }
    }
}

/// A server as the service group runs it.
private struct RunningServer: ServiceLifecycle.Service, CustomStringConvertible {
    let server: Server
    let logger: Logger
    let whenListening: @Sendable (Server.Address) -> Void

    init(
        _ server: Server,
        _ logger: Logger,
        _ whenListening: @escaping @Sendable (Server.Address) -> Void
    ) {
        self.server = server
        self.logger = logger
        self.whenListening = whenListening
    }

    var description: String { "server" }

    func run() async throws {
        let address = try await server.start()
        logger.info("listening", metadata: ["address": "\(address)"])
        logger.info(
            "data is stored unencrypted; how tables ask to be encrypted is remembered and described"
        )
        whenListening(address)
        do {
            try await gracefulShutdown()
        } catch {
            // The task was cancelled: connections are ended all the same.
            await stop()
            throw error
        }
        await stop()
    }

    private func stop() async {
        logger.info("stopping: no more connections are taken")
        await server.stop()
    }
}

/// Closes the database within the limit, and says what is left.
private func close(
    _ database: Database,
    _ configuration: ServerConfiguration,
    _ logger: Logger
) async throws(ServerError) {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let closed = await Deadline.run(configuration.closeTimeout, on: loop) {
        do throws(DatabaseError) {
            try await database.close()
            return Result<Void, DatabaseError>.success(())
        } catch {
            return .failure(error)
        }
    }
    switch closed {
    case .success:
        logger.info("closed: everything is flushed, nothing is left to replay")
    case nil:
        logger.warning(
            """
            not everything could be flushed in time; nothing is lost: the log will be replayed at \
            the next start
            """,
            metadata: ["limit": "\(configuration.closeTimeout)"]
        )
    case .failure(let error):
        throw ServerError(
            .database,
            "The database in \(configuration.dataDirectory) did not close cleanly: "
                + "\(error.message). What was acknowledged is in the log and will be replayed."
        )
    }
}
