internal import ShaleEngine
internal import ShalePlatform
internal import Synchronization

/// Work that comes by the clock: streams are renewed and trimmed, expired items deleted, capacities scaled.
final class Housekeeping: Sendable {
    private struct State {
        var isScheduled = false
        var isClosed = false
        /// Rounds that failed, one after the other.
        var failures = 0
        var task: Task<Void, Never>?
    }
    private let state = Mutex(State())

    /// Whether the caller is to schedule the next round: at most one is.
    func schedule() -> Bool {
        state.withLock { state in
            guard !state.isScheduled, !state.isClosed else { return false }
            state.isScheduled = true
            return true
        }
    }

    /// Begins a round, unless the database is being closed.
    func begin(_ make: () -> Task<Void, Never>) {
        state.withLock { state in
            state.isScheduled = false
            guard !state.isClosed else { return }
            state.task = make()
        }
    }

    /// A round that failed waits twice as long for the next, up to a minute: it would fail again for the same reason.
    func note(failed: Bool) {
        state.withLock { $0.failures = failed ? min($0.failures + 1, Self.mostFailures) : 0 }
    }

    /// Waits of so many times the interval.
    var patience: Int { state.withLock { 1 << $0.failures } }

    private static let mostFailures = 6

    /// Lets no round begin any more, and answers when none runs.
    func close() async {
        let task = state.withLock { state in
            state.isClosed = true
            return state.task
        }
        task?.cancel()
        await task?.value
    }
}

extension Database {
    /// Expired items of one table that one round deletes at most, so that others have their turn.
    private static let mostExpiredInRound = 20_000

    /// Begins to look at the clock, where there is anything to do by it.
    func startHousekeeping() {
        let interval = options.housekeepingInterval
        guard interval > .zero, needsHousekeeping, housekeeping.schedule() else { return }
        let wait = interval * housekeeping.patience
        world.scheduler.schedule(.housekeeping, after: wait) { [weak self] in
            guard let self else { return }
            housekeeping.begin {
                Task(executorPreference: self.world.scheduler.taskExecutor) {
                    await self.keepHouse()
                    self.startHousekeeping()
                }
            }
        }
    }

    private var needsHousekeeping: Bool {
        !catalog.streams.all.isEmpty || catalog.tables.contains { $0.expiry.now != nil }
            || keepsPast || scaling.isActive
    }

    /// One round: what is due by the clock now.
    package func keepHouse() async {
        var hasFailed = false
        do throws(EngineError) {
            for live in catalog.tables { try await renewStream(of: live) }
            try await trimStreams()
            measureStreams()
        } catch {
            hasFailed = true
            options.onEvent?(.housekeepingFailed(DatabaseError(error)))
        }
        for live in catalog.tables {
            guard let definition = live.expiry.now, !Task.isCancelled else { continue }
            let sweep = ExpirySweep(
                engine: engine,
                live: live,
                definition: definition,
                space: streamSpace,
                milliseconds: world.time.wallMilliseconds
            )
            do throws(DatabaseError) {
                _ = try await sweep.run(limit: Self.mostExpiredInRound)
            } catch {
                guard !live.isDeleted, !error.isThrottling else { continue }
                hasFailed = true
                options.onEvent?(.expiryFailed(table: live.name, error))
            }
        }
        do throws(DatabaseError) {
            try await keepPast()
        } catch {
            hasFailed = true
            options.onEvent?(.housekeepingFailed(error))
        }
        do throws(DatabaseError) {
            try await scale()
        } catch {
            hasFailed = true
            options.onEvent?(.housekeepingFailed(error))
        }
        housekeeping.note(failed: hasFailed)
    }
}
