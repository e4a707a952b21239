internal import ServiceLifecycle
internal import ShaleTimers

/// Ends the timers of a server: after those who are told of them, and before the database.
struct TimerService: ServiceLifecycle.Service, CustomStringConvertible {
    private let timers: Timers

    init(_ timers: Timers) { self.timers = timers }

    var description: String { "timers" }

    func run() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: what was answered is deleted all the same.
        }
        await timers.stop()
    }
}
