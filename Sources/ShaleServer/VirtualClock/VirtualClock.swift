internal import Logging
internal import ServiceLifecycle
internal import ShalePlatform
internal import ShaleStateMachines
internal import ShaleTables
internal import ShaleTimers

/// The clock of a server that was started with `--virtual-clock`, which is set forward to what executions wait for.
///
/// When nothing has happened for a moment, and the next thing that executions wait for is the end of a Wait or of the pause before
/// a retry, the clock is set forward to it. A time-out or a heartbeat is a limit for somebody else, who gets a few real
/// seconds. Schedules, expiry of items and capacity follow the clock, and never set it forward: they would have no end.
/// Users set it forward by `ClockRoute`.
final class VirtualClock: ServiceLifecycle.Service, CustomStringConvertible {
    /// How often it is looked whether anything happens, in real milliseconds.
    private static let look = Duration.milliseconds(5)
    /// Looks in a row at which nothing may happen before the clock is set forward to the end of a wait, or to a limit.
    private static let quietLooks = (delay: 3, limit: 1_000)

    private let database: Database
    private let timers: Timers
    private let executions: Executions
    private let world: World
    private let logger: Logger

    /// Nil where the world's clock is the real one.
    init?(
        _ database: Database,
        _ timers: Timers,
        _ executions: Executions,
        _ world: World,
        _ logger: Logger
    ) {
        guard world.virtualTime != nil else { return nil }
        self.database = database
        self.timers = timers
        self.executions = executions
        self.world = world
        self.logger = logger
    }

    var description: String { "virtual clock" }

    /// The time, in milliseconds since 1970, and how far it is ahead of the real one.
    var time: (wall: Int64, ahead: Int64) {
        (world.time.wallMilliseconds, world.virtualTime?.aheadMilliseconds ?? 0)
    }

    func run() async throws {
        logger.notice(
            "the clock is virtual: it is set forward to whatever executions wait for",
            metadata: ["aheadMilliseconds": "\(time.ahead)"]
        )
        await cancelWhenGracefulShutdown {
            var quiet = 0
            while !Task.isCancelled {
                do {
                    quiet = try await self.goOn(quiet)
                } catch {
                    self.logger.warning(
                        "the virtual clock could not be set forward; it is tried again",
                        metadata: ["error": "\(error)"]
                    )
                    quiet = 0
                }
                await self.pause()
            }
        }
    }

    private func pause() async {
        await withCheckedContinuation { continuation in
            world.scheduler.schedule(.timer, after: Self.look) { continuation.resume() }
        }
    }

    /// One look: sets the clock forward where nothing else happens; answers how many looks were quiet.
    private func goOn(_ quiet: Int) async throws -> Int {
        guard timers.isIdle, !executions.isBusy else { return 0 }
        let count = quiet + 1
        guard count >= Self.quietLooks.delay, let next = try await executions.nextTime() else {
            return count
        }
        let wait = next.due - world.time.wallMilliseconds
        guard wait > 0, count >= (next.isLimit ? Self.quietLooks.limit : Self.quietLooks.delay)
        else { return count }
        try await advance(by: wait)
        return 0
    }

    /// Sets the clock forward, and begins with what is due then.
    ///
    /// - Parameter milliseconds: More than zero.
    /// - Throws: `.validation`, `.internalFailure`.
    func advance(by milliseconds: Int64) async throws(DatabaseError) {
        _ = try await database.advanceClock(by: milliseconds)
        timers.clockWasSet()
        await database.keepHouse()
    }
}
