internal import ShalePlatform
internal import Synchronization

/// Whose turn it is to change the structure of the database: manifest and partition map together.
///
/// Unlike a `Mutex` it may be held across file calls. Whoever holds it never waits for another gate,
/// so it always comes free.
final class StructureTurn: Sendable {
    private struct State: Sendable {
        var isTaken = false
        var waiting: [any Gate] = []
    }
    private let state = Mutex(State())
    private let scheduler: any Scheduler

    init(_ scheduler: any Scheduler) { self.scheduler = scheduler }

    /// Runs `body` when it is the caller's turn; blocks until then.
    func hold<Answer>(_ body: () throws(EngineError) -> Answer) throws(EngineError) -> Answer {
        take()
        defer { give() }
        return try body()
    }

    private func take() {
        let gate = scheduler.makeGate()
        let mustWait = state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return false
            }
            state.waiting.append(gate)
            return true
        }
        if mustWait { gate.wait() }
    }

    /// Hands the turn on: it stays taken while somebody waits.
    private func give() {
        let next = state.withLock { state -> (any Gate)? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.open()
    }
}
