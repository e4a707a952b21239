internal import NIOCore
internal import Synchronization

/// The open connections: at most so many, and a way to end them.
final class Connections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var emptied: [CheckedContinuation<Void, Never>] = []
        /// One for each event loop that has had a connection.
        var executors: [ObjectIdentifier: EventLoopExecutor] = [:]
    }

    let metrics: ServerMetrics
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int, metrics: ServerMetrics) {
        self.limit = limit
        self.metrics = metrics
    }

    /// Takes a connection in, or says that there are too many.
    func admit(_ channel: any Channel) -> Bool {
        let isAdmitted = state.withLock { state in
            guard state.open.count < limit, !state.isDraining else { return false }
            state.open[ObjectIdentifier(channel)] = channel
            return true
        }
        metrics.connected(isAdmitted: isAdmitted)
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { _ in self.remove(channel) }
        return true
    }

    /// What runs the requests of all connections of a loop.
    func executor(of loop: any EventLoop) -> EventLoopExecutor {
        state.withLock { state in
            if let known = state.executors[ObjectIdentifier(loop)] { return known }
            let executor = EventLoopExecutor(loop)
            state.executors[ObjectIdentifier(loop)] = executor
            return executor
        }
    }

    private func remove(_ channel: any Channel) {
        let waiting = state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
            guard state.open.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.emptied = [] }
            return state.emptied
        }
        metrics.disconnected()
        for continuation in waiting { continuation.resume() }
    }

    /// Asks every connection to end, and takes no more in.
    func drain() {
        let open = state.withLock { state in
            state.isDraining = true
            return Array(state.open.values)
        }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(DrainRequested()) }
    }

    /// Ends every connection, whatever it does.
    func closeAll() {
        let open = state.withLock { state in Array(state.open.values) }
        for channel in open { channel.close(promise: nil) }
    }

    /// How many are open.
    var count: Int { state.withLock { $0.open.count } }

    /// Suspends until none is open.
    func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                guard !state.open.isEmpty else { return true }
                state.emptied.append(continuation)
                return false
            }
            if isEmpty { continuation.resume() }
        }
    }
}
