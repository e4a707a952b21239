public import Logging
internal import NIOCore
internal import NIOPosix
internal import ShaleIdentity
internal import ShaleLogs
internal import ShaleOperations
internal import ShaleServices
public import ShalePlatform
public import ShaleTables
internal import ShaleWire

/// A server over an open database: listens, answers, and stops without losing a request.
///
///     let server = Server(configuration, database: database, world: world, logger: logger)
///     let address = try await server.start()
///     …
///     await server.stop()
///
/// The database is opened and closed by whoever owns it; `serve` does both.
public actor Server {
    /// Where a server listens.
    public struct Address: Sendable, Equatable, CustomStringConvertible {
        /// The numeric address.
        public var host: String
        /// The port; the one that was taken, when 0 was asked for.
        public var port: Int

        /// The form `127.0.0.1:8000` or `[::1]:8000`.
        public var description: String {
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    private static let backlog: Int32 = 1_024

    private let configuration: ServerConfiguration
    private let database: Database
    private let world: World
    private let logger: Logger
    private let engine: EngineObserver
    private let lambda: LambdaService?
    private let scheduler: SchedulerService?
    private let states: StatesService?
    private let services: AccountServices?
    private let clock: VirtualClock?
    private let metrics = ServerMetrics()
    private let connections: Connections
    private let group = MultiThreadedEventLoopGroup.singleton
    private var listener: (any Channel)?

    /// A server that does not listen yet; `samples` is asked at each scrape for numbers of the database.
    public init(
        _ configuration: ServerConfiguration,
        database: Database,
        world: World,
        logger: Logger,
        samples: @escaping @Sendable () -> [MetricSample] = { [] }
    ) {
        self.init(
            configuration,
            database: database,
            engine: EngineObserver(logger, extra: samples),
            world: world,
            logger: logger
        )
    }

    init(
        _ configuration: ServerConfiguration,
        database: Database,
        engine: EngineObserver,
        lambda: LambdaService? = nil,
        scheduler: SchedulerService? = nil,
        states: StatesService? = nil,
        services: AccountServices? = nil,
        clock: VirtualClock? = nil,
        world: World,
        logger: Logger
    ) {
        self.configuration = configuration
        self.database = database
        self.engine = engine
        self.lambda = lambda
        self.scheduler = scheduler
        self.states = states
        self.services = services
        self.clock = clock
        self.world = world
        self.logger = logger
        connections = Connections(limit: configuration.limits.connections, metrics: metrics)
    }

    /// Listens, and says where.
    public func start() async throws(ServerError) -> Address {
        precondition(listener == nil, "a server is started once")
        let wanted = try ListeningAddress.resolve(configuration)
        let services =
            if let services {
                services
            } else {
                try await AccountServices.open(database, configuration, world, logger)
            }
        let service = service(named: wanted.description)
        await service.resumeTransfers()
        let router = router(service, services)
        let limits = configuration.limits
        let connections = connections
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    guard connections.admit(channel) else {
                        return try pipeline.addHandler(RefusalHandler())
                    }
                    let handler = ConnectionHandler(limits, connections) { request in
                        await router.respond(request)
                    }
                    try pipeline.addHandler(handler)
                }
            }
        do {
            let channel = try await bootstrap.bind(to: wanted).get()
            listener = channel
            return Address(
                host: channel.localAddress?.ipAddress ?? configuration.host,
                port: channel.localAddress?.port ?? configuration.port
            )
        } catch {
            throw ListeningAddress.failure(error, configuration)
        }
    }

    private func service(named name: String) -> Service {
        var service = Service(
            database: database,
            region: configuration.region,
            account: configuration.account,
            endpoint: name
        )
        let world = world
        service.buckets = configuration.buckets.mapValues { DirectoryBucket($0, in: world) }
        return service
    }

    private func router(_ service: Service, _ services: AccountServices) -> Router {
        let access = AccessControl(configuration.credentials, configuration.callers)
        let identities = RequestIDSource(world.randomness)
        return Router(
            api: APIRoute(
                service: service,
                access: access,
                metrics: metrics,
                time: world.realTime,
                identities: identities,
                logger: logger,
                bodyLimit: configuration.limits.bodyBytes
            ),
            logs: logsRoute(services.logs, access, identities),
            states: states.map { service in
                StatesRoute(
                    service: service,
                    access: access,
                    metrics: metrics,
                    time: world.realTime,
                    identities: identities,
                    logger: logger
                )
            },
            roles: rolesRoute(services.identity, access, identities),
            identity: CallerIdentity(
                account: configuration.account,
                access: access,
                identities: identities
            ),
            lambda: lambda.map { service in
                LambdaRoute(
                    service: service,
                    access: access,
                    metrics: metrics,
                    time: world.realTime,
                    logger: logger
                )
            },
            scheduler: scheduler.map { service in
                SchedulerRoute(
                    service: service,
                    access: access,
                    metrics: metrics,
                    time: world.realTime,
                    identities: identities,
                    logger: logger
                )
            },
            clock: clock.map(ClockRoute.init),
            region: configuration.region,
            metrics: metrics,
            engine: engine,
            database: database,
            time: world.realTime,
            startedNanoseconds: world.realTime.monotonicNanoseconds,
            crossOrigin: configuration.crossOrigin.map(CrossOrigin.init)
        )
    }

    private func logsRoute(
        _ logs: Logs,
        _ access: AccessControl,
        _ identities: RequestIDSource
    ) -> LogsRoute {
        let time = world.time
        return LogsRoute(
            service: LogsService(
                logs: logs,
                region: configuration.region,
                account: configuration.account
            ) { time.wallMilliseconds },
            access: access,
            metrics: metrics,
            time: world.realTime,
            identities: identities,
            logger: logger
        )
    }

    private func rolesRoute(
        _ identity: Identity,
        _ access: AccessControl,
        _ identities: RequestIDSource
    ) -> IdentityRoute {
        IdentityRoute(
            service: IdentityService(identity: identity),
            access: access,
            metrics: metrics,
            time: world.realTime,
            identities: identities,
            logger: logger
        )
    }

    /// Takes no more connections, answers the requests that run, and ends all connections.
    ///
    /// Requests that outlast the limit are cut off, and counted in a warning.
    public func stop() async {
        guard let listener else { return }
        self.listener = nil
        do {
            try await listener.close().get()
        } catch {
            logger.warning("the listening socket did not close", metadata: ["reason": "\(error)"])
        }
        let connections = connections
        connections.drain()
        let drained: Void? = await Deadline.run(configuration.limits.drainTimeout, on: group.next())
        {
            await connections.waitUntilEmpty()
        }
        guard drained == nil else { return }
        logger.warning(
            "connections were cut off: their requests took too long",
            metadata: ["connections": "\(connections.count)"]
        )
        connections.closeAll()
        await connections.waitUntilEmpty()
    }
}
