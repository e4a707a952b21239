internal import Synchronization

/// What the server counts.
///
/// Operations are counted by name only when they exist: a client must not be able to make labels.
final class ServerMetrics: Sendable {
    struct RequestKey: Hashable {
        var operation: String
        var status: Int
    }

    struct State {
        var requests: [RequestKey: UInt64] = [:]
        var latencies: [String: LatencyHistogram] = [:]
        var openConnections = 0
        var acceptedConnections: UInt64 = 0
        var refusedConnections: UInt64 = 0
        var receivedBytes: UInt64 = 0
        var sentBytes: UInt64 = 0
    }

    private let state = Mutex(State())

    /// A copy of all counts.
    var snapshot: State { state.withLock { $0 } }

    func connected(isAdmitted: Bool) {
        state.withLock { state in
            if isAdmitted {
                state.openConnections += 1
                state.acceptedConnections += 1
            } else {
                state.refusedConnections += 1
            }
        }
    }

    func disconnected() { state.withLock { $0.openConnections -= 1 } }
    func received(_ bytes: Int) { state.withLock { $0.receivedBytes += UInt64(bytes) } }
    func sent(_ bytes: Int) { state.withLock { $0.sentBytes += UInt64(bytes) } }

    func answered(_ operation: String, status: Int, nanoseconds: UInt64) {
        state.withLock { state in
            state.requests[RequestKey(operation: operation, status: status), default: 0] += 1
            state.latencies[operation, default: LatencyHistogram()].record(nanoseconds: nanoseconds)
        }
    }
}
