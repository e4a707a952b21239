internal import Logging
internal import ServiceLifecycle
internal import ShaleMeter
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

/// Folds the meter once a minute, and when the server ends.
struct MeterService: ServiceLifecycle.Service, CustomStringConvertible {
    private let database: Database
    private let world: World
    private let logger: Logger
    private let functions: @Sendable () -> [FunctionUse]

    init(
        _ database: Database,
        _ world: World,
        _ logger: Logger,
        functions: @escaping @Sendable () -> [FunctionUse]
    ) {
        self.database = database
        self.functions = functions
        self.world = world
        self.logger = logger
    }

    var description: String { "meter" }

    func run() async throws {
        let folding: Folding?
        do throws(DatabaseError) {
            folding = Folding(
                try await Meter(database, functions: functions),
                world,
                logger
            )
        } catch {
            // A server without a meter is better than none.
            logger.warning(
                "what is used is not metered until the next start",
                metadata: ["error": "\(error.message)"]
            )
            folding = nil
        }
        folding?.schedule()
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: what was used is written down all the same.
        }
        await folding?.end()
    }
}

/// The foldings of a meter, one a minute.
private final class Folding: Sendable {
    private static let interval = Duration.seconds(60)

    private let meter: Meter
    private let world: World
    private let logger: Logger
    private let hasEnded = Atomic(false)

    init(_ meter: Meter, _ world: World, _ logger: Logger) {
        self.meter = meter
        self.world = world
        self.logger = logger
    }

    func schedule() {
        world.scheduler.schedule(.housekeeping, after: Self.interval) { [weak self] in
            guard let self else { return }
            Task(executorPreference: world.scheduler.taskExecutor) {
                guard !self.hasEnded.load(ordering: .relaxed) else { return }
                await self.fold()
                self.schedule()
            }
        }
    }

    /// The last one.
    func end() async {
        hasEnded.store(true, ordering: .relaxed)
        await fold()
    }

    private func fold() async {
        do throws(DatabaseError) {
            try await meter.fold()
        } catch {
            logger.warning(
                "what was used could not be written down; it is tried again",
                metadata: ["error": "\(error.message)"]
            )
        }
    }
}
