internal import Synchronization

/// Lets one of those who want the same thing fetch it, while the others wait.
///
/// Nobody gets another's result from here: whoever has waited looks again where it should be by
/// now, and fetches it itself if it is not there. So nobody is told what was read before it asked.
final class SingleFlight<Name: Hashable & Sendable>: Sendable {
    private struct State {
        /// Who waits for whoever is under way.
        var waiting: [Name: [CheckedContinuation<Void, Never>]] = [:]
        var joined = 0
    }
    private let state = Mutex(State())

    /// How often somebody waited.
    var joined: Int { state.withLock { $0.joined } }

    /// Begins, or waits until somebody else who began has ended.
    ///
    /// - Returns: Whether the caller has begun; then it calls `end`.
    func begin(_ name: Name) async -> Bool {
        var isFirst = false
        await withCheckedContinuation { continuation in
            isFirst = state.withLock { state in
                guard state.waiting[name] != nil else {
                    state.waiting[name] = []
                    return true
                }
                state.waiting[name]?.append(continuation)
                state.joined += 1
                return false
            }
            if isFirst { continuation.resume() }
        }
        return isFirst
    }

    /// Ends what the caller began, and lets the others look.
    func end(_ name: Name) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: name) ?? [] }
        for continuation in waiting { continuation.resume() }
    }
}
