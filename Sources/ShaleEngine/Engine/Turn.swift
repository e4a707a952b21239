internal import ShalePlatform
internal import Synchronization

/// Whose turn it is: a lock that may be held across file calls, and that suspends an async caller
/// instead of blocking its thread.
///
/// First come, first served.
///
/// Blocking callers may hold it only where its holder never waits for them.
package final class Turn: Sendable {
    private struct State: Sendable {
        var isTaken = false
        var waiting: [@Sendable () -> Void] = []
    }
    private let state = Mutex(State())

    /// A turn that is free.
    package init() {}

    /// Takes the turn if it is free; otherwise calls `wake` once it has come to the caller.
    /// - Returns: whether it was free.
    private func take(orElse wake: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return true
            }
            state.waiting.append(wake)
            return false
        }
    }

    /// Takes the turn unless somebody has it.
    func takeIfFree() -> Bool {
        state.withLock { state in
            defer { state.isTaken = true }
            return !state.isTaken
        }
    }

    /// Blocks until the turn has come.
    func takeBlocking(_ scheduler: any Scheduler) {
        if takeIfFree() { return }
        let gate = scheduler.makeGate()
        if take(orElse: { gate.open() }) { return }
        gate.wait()
    }

    /// Suspends until the turn has come.
    package func take() async {
        if takeIfFree() { return }
        await withCheckedContinuation { continuation in
            if take(orElse: { continuation.resume() }) { continuation.resume() }
        }
    }

    /// Hands the turn on: it stays taken while somebody waits.
    package func give() {
        let next = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?()
    }

    /// Runs `body` when it is the caller's turn; blocks until then.
    func hold<Answer>(
        _ scheduler: any Scheduler,
        _ body: () throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        takeBlocking(scheduler)
        defer { give() }
        return try body()
    }
}
