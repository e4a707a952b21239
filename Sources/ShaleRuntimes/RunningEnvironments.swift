internal import ShaleFunctions
internal import Synchronization

/// The environments that run, so that all can be ended and waited for.
final class RunningEnvironments: Sendable {
    private struct State {
        var environments: [String: ProcessEnvironment?] = [:]
        var isClosed = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// How many there are.
    var count: Int { state.withLock { $0.environments.count } }

    /// Takes note of one that is being started; false where nothing is started any more.
    func enter(_ identity: String) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.environments[identity] = .some(nil)
            return true
        }
    }

    /// It is there.
    func add(_ identity: String, _ environment: ProcessEnvironment) {
        let mustStop = state.withLock { state in
            guard state.environments[identity] != nil else { return false }
            state.environments[identity] = environment
            return state.isClosed
        }
        if mustStop { environment.stop() }
    }

    /// Nothing of it is left.
    func leave(_ identity: String) {
        let waiting = state.withLock { state in
            state.environments[identity] = nil
            guard state.environments.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Stops all, and returns when nothing is left of any.
    func endAll() async {
        let environments = state.withLock { state in
            state.isClosed = true
            return state.environments.values.compactMap { $0 }
        }
        for environment in environments { environment.stop() }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                guard !state.environments.isEmpty else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }
}
