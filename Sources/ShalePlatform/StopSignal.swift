internal import Synchronization

/// Pauses that end early when everything is to end.
package final class StopSignal: Sendable {
    private struct State {
        var isStopped = false
        var next: UInt64 = 0
        var pauses: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let scheduler: any Scheduler
    private let state = Mutex(State())

    /// A signal that has not been given.
    package init(_ scheduler: any Scheduler) { self.scheduler = scheduler }

    /// Whether everything is to end.
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Waits, holding no thread; not at all once everything is to end.
    package func pause(milliseconds: Int64) async {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> UInt64? in
                guard !state.isStopped else { return nil }
                state.next += 1
                state.pauses[state.next] = continuation
                return state.next
            }
            guard let number else { return continuation.resume() }
            scheduler.schedule(.housekeeping, after: .milliseconds(milliseconds)) { [weak self] in
                self?.state.withLock { $0.pauses.removeValue(forKey: number) }?.resume()
            }
        }
    }

    /// Ends all pauses, and those that would begin.
    package func stop() {
        let pauses = state.withLock { state in
            state.isStopped = true
            defer { state.pauses = [:] }
            // Whoever waits longest goes on first: what a world decides must not hang on an order that it does not know.
            return state.pauses.sorted { $0.key < $1.key }.map(\.value)
        }
        for pause in pauses { pause.resume() }
    }
}
