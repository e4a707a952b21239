internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import ShaleFunctions
internal import ShaleMeter
internal import ShalePlatform
internal import ShaleRuntimes
internal import ShaleServices
internal import ShaleTables
internal import ShaleTriggers
internal import Synchronization

/// The functions of a server: their host, their log, and what is done for them now and then.
///
/// Made before the server listens; ends after it has stopped, so that requests under way have their functions.
final class FunctionRuntime: ServiceLifecycle.Service, CustomStringConvertible {
    /// How often environments that nobody needs are ended.
    private static let reaping = Duration.seconds(10)

    /// What requests reach.
    let lambda: LambdaService
    /// Reached when what waited at the last end is taken up.
    let resumed = Milestone()
    private let functions: Functions
    private let mappings: Mappings
    private let host: ProcessHost
    private let log: StoredLog
    private let group: MultiThreadedEventLoopGroup
    private let world: World
    private let logger: Logger
    private let hasEnded = Atomic(false)

    /// Starts the host, and opens what the database has of functions.
    ///
    /// - Throws: `.functions` where the machine or the database refuses.
    init(
        _ settings: FunctionSettings,
        _ configuration: ServerConfiguration,
        _ database: Database,
        _ account: AccountServices,
        _ endpoint: FunctionEndpoint,
        _ world: World,
        _ logger: Logger
    ) async throws(ServerError) {
        let processes = Self.processes(settings, configuration, endpoint)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let log = StoredLog(account.logs, world: world) { logger.warning("\($0)") }
            let host = try ProcessHost(processes, group: group, log: log, world: world)
            let buckets = configuration.buckets.mapValues { DirectoryBucket($0, in: world) }
            functions = try await Functions(
                database,
                host: host,
                log: log,
                world: world,
                region: configuration.region,
                account: configuration.account,
                buckets: buckets
            )
            mappings = Mappings(
                try await MappingContext(database, functions, world, buckets: buckets)
            )
            lambda = LambdaService(
                functions: functions,
                mappings: mappings,
                buckets: buckets,
                codeLinks: CodeLinks(world)
            )
            self.log = log
            self.host = host
        } catch {
            group.shutdownGracefully { _ in }
            throw ServerError(
                .functions,
                "Functions cannot run (\(Self.reason(error))). Give another directory with "
                    + "--functions, or leave them out with --no-functions."
            )
        }
        self.group = group
        self.world = world
        self.logger = logger
    }

    private static func processes(
        _ settings: FunctionSettings,
        _ configuration: ServerConfiguration,
        _ endpoint: FunctionEndpoint
    ) -> ProcessConfiguration {
        var processes = ProcessConfiguration(cache: settings.cacheDirectory)
        processes.region = configuration.region
        processes.interpreters = settings.interpreters
        processes.installerVariables = settings.installerVariables
        processes.hidden = [configuration.dataDirectory]
        processes.variables = { endpoint.variables }
        return processes
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as FunctionError: error.message
        case let error as DatabaseError: error.message
        default: "\(error)"
        }
    }

    var description: String { "functions" }

    /// What functions have used since the server started.
    var use: [FunctionUse] {
        functions.usage.map { name, usage in
            FunctionUse(
                name: name,
                requests: usage.requests,
                megabyteMilliseconds: usage.megabyteMilliseconds
            )
        }
    }

    func run() async throws {
        do throws(FunctionError) {
            try await functions.resume()
            try await functions.resumeEvents()
            try await mappings.resume()
        } catch {
            logger.warning(
                "functions that were being made are not made ready",
                metadata: ["error": "\(error.message)"]
            )
        }
        resumed.reach()
        repeatedly(Self.reaping) { [functions] in functions.reap() }
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: processes are ended all the same.
        }
        await stop()
    }

    private func repeatedly(
        _ interval: Duration,
        _ body: @escaping @Sendable () async -> Void
    ) {
        world.scheduler.schedule(.housekeeping, after: interval) { [weak self] in
            guard let self else { return }
            Task(executorPreference: world.scheduler.taskExecutor) {
                guard !self.hasEnded.load(ordering: .relaxed) else { return }
                await body()
                self.repeatedly(interval, body)
            }
        }
    }

    /// Ends all processes, and writes what they have said.
    func stop() async {
        hasEnded.store(true, ordering: .relaxed)
        functions.stopEvents()
        mappings.halt()
        // Whoever waits for a function waits for its end, so processes end first.
        functions.stop()
        async let ended: Void = mappings.stop()
        await host.shutdown()
        await ended
        await log.flush()
        do {
            try await group.shutdownGracefully()
        } catch {
            logger.warning("an event loop did not end", metadata: ["error": "\(error)"])
        }
    }
}
