internal import ShalePlatform
internal import Synchronization

// What an invocation runs in: an environment that waits, one that is started, or one that somebody gives back.

/// What an invocation that had to wait may do.
enum InvocationPlace: Sendable {
    case run(any FunctionEnvironment)
    case start
}

extension Functions {
    /// How long an environment that initialises keeps others from starting.
    private static let longestTurn = Duration.seconds(1)

    /// An environment for one invocation: nobody else's until it is given back.
    ///
    /// - Throws: what `start` throws.
    func environment(
        of function: FunctionConfiguration,
        _ key: String
    ) async throws(FunctionError) -> any FunctionEnvironment {
        if let waiting = pool.withLock({ $0.take(key) }) { return waiting }
        // A closure needs nothing of the machine.
        if function.isClosure { return try await start(function) }
        switch await place(key) {
        case .run(let environment): return environment
        case .start:
            do throws(FunctionError) {
                let environment = try await start(function)
                passOn(environment)
                return environment
            } catch {
                endStart()
                throw error
            }
        }
    }

    private func place(_ key: String) async -> InvocationPlace {
        await withCheckedContinuation { continuation in
            let place = pool.withLock { pool -> InvocationPlace? in
                if let waiting = pool.take(key) { return .run(waiting) }
                if pool.starts.begin() { return .start }
                pool.starts.wait(continuation, for: key)
                return nil
            }
            if let place { continuation.resume(returning: place) }
        }
    }

    /// Lets the next one start when an environment has initialised, or takes long to.
    private func passOn(_ environment: any FunctionEnvironment) {
        let turn = StartTurn(self)
        world.scheduler.schedule(.housekeeping, after: Self.longestTurn) { turn.end() }
        Task(executorPreference: world.scheduler.taskExecutor) {
            _ = await environment.isInitialised()
            turn.end()
        }
    }

    fileprivate func endStart() {
        pool.withLock { $0.starts.end() }?.resume(returning: .start)
    }

    /// Gives an environment to whoever waits for one of its kind, or lets it wait.
    func giveBack(_ environment: any FunctionEnvironment, _ key: String) {
        let waiter = pool.withLock { pool -> CheckedContinuation<InvocationPlace, Never>? in
            if environment.isAlive, let waiter = pool.starts.takeWaiter(for: key) { return waiter }
            pool.give(environment, key, now: world.time.monotonicNanoseconds)
            return nil
        }
        waiter?.resume(returning: .run(environment))
    }
}

/// A turn to start, which ends once.
private final class StartTurn: Sendable {
    private let functions: Functions
    private let hasEnded = Atomic(false)

    init(_ functions: Functions) { self.functions = functions }

    func end() {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        functions.endStart()
    }
}
