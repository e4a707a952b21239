internal import Logging
internal import ServiceLifecycle
internal import ShaleLogs
internal import ShalePlatform
internal import Synchronization

/// Deletes lines that are older than their group's retention, once an hour.
final class LogExpiry: ServiceLifecycle.Service, CustomStringConvertible {
    private static let interval = Duration.seconds(3_600)

    private let logs: Logs
    private let world: World
    private let logger: Logger
    private let hasEnded = Atomic(false)

    init(_ logs: Logs, _ world: World, _ logger: Logger) {
        self.logs = logs
        self.world = world
        self.logger = logger
    }

    var description: String { "expiry of logs" }

    func run() async throws {
        schedule()
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: old lines go after the next start.
        }
        hasEnded.store(true, ordering: .relaxed)
    }

    private func schedule() {
        world.scheduler.schedule(.housekeeping, after: Self.interval) { [weak self] in
            guard let self else { return }
            Task(executorPreference: world.scheduler.taskExecutor) {
                guard !self.hasEnded.load(ordering: .relaxed) else { return }
                await self.expire()
                self.schedule()
            }
        }
    }

    private func expire() async {
        do throws(LogsError) {
            try await logs.expire()
        } catch {
            logger.warning("old lines stay", metadata: ["error": "\(error.message)"])
        }
    }
}
