internal import ShaleOperations
internal import ShaleServices
internal import Synchronization

/// What the server counts.
///
/// Operations are counted by their place in `names`, so a client cannot make labels. Each connection counts in one of a few shards, so that event loops do not wait for each
/// other; reading adds them up.
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

    /// The label of operations that do not exist.
    static let unknown = "unknown"
    /// The statuses that the API answers with, and a place for any other.
    private static let statuses = [
        200, 400, 500, 503, 201, 202, 204, 402, 403, 404, 409, 412, 413, 429, 502, 0,
    ]
    /// The operations of tables, as `OperationRegistry` numbers them, and those of other services behind them.
    static let names =
        OperationRegistry.names + LambdaRegistry.names.map { "lambda:\($0)" }
        + LogsRegistry.names.map { "logs:\($0)" } + IdentityRegistry.names.map { "iam:\($0)" }
        + SchedulerRegistry.names.map { "scheduler:\($0)" }
        + StatesRegistry.names.map { "states:\($0)" }

    private static let places = Dictionary(
        uniqueKeysWithValues: names.enumerated().map { ($1, $0) }
    )

    /// The place of an operation, as `lambda:Invoke`.
    static func place(of name: String) -> Int? { places[name] }

    private struct Counts {
        /// By operation, then by status.
        var requests = [UInt64](
            repeating: 0,
            count: (ServerMetrics.names.count + 1) * ServerMetrics.statuses.count
        )
        var latencies = [LatencyHistogram](
            repeating: LatencyHistogram(),
            count: ServerMetrics.names.count + 1
        )
        var receivedBytes: UInt64 = 0
        var sentBytes: UInt64 = 0
    }

    private final class Shard: Sendable {
        let counts = Mutex(Counts())
    }

    private static let shardCount = 8
    private let shards = (0..<ServerMetrics.shardCount).map { _ in Shard() }
    private let nextShard = Atomic<Int>(0)
    private let state = Mutex(State())

    /// A copy of all counts.
    var snapshot: State {
        var total = state.withLock { $0 }
        for shard in shards {
            let counts = shard.counts.withLock { $0 }
            total.receivedBytes += counts.receivedBytes
            total.sentBytes += counts.sentBytes
            for (index, name) in (Self.names + [Self.unknown]).enumerated() {
                for (place, status) in Self.statuses.enumerated() {
                    let count = counts.requests[index * Self.statuses.count + place]
                    guard count > 0 else { continue }
                    total.requests[RequestKey(operation: name, status: status), default: 0] += count
                    total.latencies[name] = total.latencies[name] ?? LatencyHistogram()
                }
                total.latencies[name]?.add(counts.latencies[index])
            }
        }
        return total
    }

    /// The shard of a new connection.
    func shard() -> Int {
        nextShard.wrappingAdd(1, ordering: .relaxed).newValue & (Self.shardCount - 1)
    }

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

    func received(_ bytes: Int, in shard: Int) {
        shards[shard].counts.withLock { $0.receivedBytes += UInt64(bytes) }
    }

    func sent(_ bytes: Int, in shard: Int) {
        shards[shard].counts.withLock { $0.sentBytes += UInt64(bytes) }
    }

    /// Counts a request; `operation` is its place in `names`, nil if it does not exist.
    func answered(_ operation: Int?, status: Int, nanoseconds: UInt64, in shard: Int) {
        let index = operation ?? Self.names.count
        let place = Self.place(of: status)
        shards[shard].counts.withLock { counts in
            counts.requests[index * Self.statuses.count + place] += 1
            counts.latencies[index].record(nanoseconds: nanoseconds)
        }
    }

    private static func place(of status: Int) -> Int {
        statuses.firstIndex(of: status) ?? statuses.count - 1
    }
}
