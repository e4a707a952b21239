import Foundation
import Histogram
import NIOCore
import NIOPosix

/// Drives a server with one workload over a number of connections.
struct HTTPLoad {
    let target: HTTPTarget
    let plan: HTTPPlan

    /// What one run saw.
    struct Outcome: Sendable {
        var latencies = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        var seconds = 0.0
        var failures = 0
        var firstFailure: String?
    }

    /// Sends each of `requests` once, in order.
    func sendAll(_ requests: [HTTPBodies.Request], connections: Int) async throws -> Outcome {
        try await run(requests, connections, operations: requests.count, seconds: 600, once: true)
    }

    /// Sends requests drawn from `pool`, as many and as long as the plan says.
    func sendDrawn(
        _ pool: [HTTPBodies.Request],
        connections: Int,
        operations: Int,
        seconds: Double
    ) async throws -> Outcome {
        try await run(pool, connections, operations: operations, seconds: seconds, once: false)
    }

    private func run(
        _ requests: [HTTPBodies.Request],
        _ connections: Int,
        operations: Int,
        seconds: Double,
        once: Bool
    ) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(plan.threads, connections))
        let loops = Array(group.makeIterator())
        let began = NIODeadline.now()
        let deadline = began + .nanoseconds(Int64(seconds * 1e9))
        var running: [EventLoopFuture<Outcome>] = []
        for (index, loop) in loops.enumerated() {
            let part = Part(
                index: index,
                of: loops.count,
                connections: (connections - index + loops.count - 1) / loops.count,
                operations: (operations - index + loops.count - 1) / loops.count,
                deadline: deadline,
                once: once
            )
            running.append(loop.flatSubmit { start(part, requests, on: loop) })
        }
        var total = Outcome()
        do {
            for each in running {
                let outcome = try await each.get()
                total.latencies.add(outcome.latencies)
                total.failures += outcome.failures
                total.firstFailure = total.firstFailure ?? outcome.firstFailure
            }
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        total.seconds = Double((NIODeadline.now() - began).nanoseconds) / 1e9
        try await group.shutdownGracefully()
        return total
    }

    /// What one event loop does.
    private struct Part: Sendable {
        var index: Int
        var of: Int
        var connections: Int
        var operations: Int
        var deadline: NIODeadline
        var once: Bool
    }

    private func start(
        _ part: Part,
        _ requests: [HTTPBodies.Request],
        on loop: any EventLoop
    ) -> EventLoopFuture<Outcome> {
        let tally = HTTPTally(
            remaining: part.operations,
            deadline: part.deadline,
            // Numbers that no other loop and no run before has used.
            firstCounter: Int(Date().timeIntervalSince1970 * 1_000) % 1_000 * 1_000_000
                + part.index * 500_000_000
        )
        let allocator = ByteBufferAllocator()
        let pool = requests.map { (allocator.buffer(bytes: $0.bytes), $0.counters) }
        let cursor = Cursor(pool, part.index, part.of, seed: plan.seed, once: part.once)
        let state = NIOLoopBound((tally: tally, cursor: cursor), eventLoop: loop)
        let closed = (0..<part.connections).map { _ in
            connect(on: loop, state, since: nil)
        }
        return EventLoopFuture.andAllSucceed(closed, on: loop).map {
            let tally = state.value.tally
            var outcome = Outcome()
            outcome.latencies.add(tally.latencies)
            outcome.failures = tally.failures
            outcome.firstFailure = tally.firstFailure
            return outcome
        }
    }

    private typealias LoopState = NIOLoopBound<(tally: HTTPTally, cursor: Cursor)>

    /// One connection, and those that replace it where the server ends each after a response.
    private func connect(
        on loop: any EventLoop,
        _ state: LoopState,
        since: NIODeadline?
    ) -> EventLoopFuture<Void> {
        let (tally, cursor) = state.value
        let handler = HTTPLoadHandler(tally, since: since) { cursor.next() }
        let bound = NIOLoopBound(handler, eventLoop: loop)
        let connected = ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(host: target.host, port: target.port)
        return connected.flatMap { $0.closeFuture }.flatMap {
            guard bound.value.mustReconnect else { return loop.makeSucceededVoidFuture() }
            return connect(on: loop, state, since: .now())
        }
    }

    /// Goes through the requests: drawn, or each once.
    private final class Cursor {
        private let pool: [(bytes: ByteBuffer, counters: [Int])]
        private let once: Bool
        private let step: Int
        private var place: Int
        private var draws: Draws

        init(
            _ pool: [(bytes: ByteBuffer, counters: [Int])],
            _ index: Int,
            _ count: Int,
            seed: UInt64,
            once: Bool
        ) {
            self.pool = pool
            self.once = once
            step = count
            place = index
            draws = Draws(seed: seed &+ UInt64(index) &* 77)
        }

        func next() -> (bytes: ByteBuffer, counters: [Int])? {
            guard once else { return pool[Int(draws.next() % UInt64(pool.count))] }
            defer { place += step }
            return place < pool.count ? pool[place] : nil
        }
    }
}

/// Where the server is.
struct HTTPTarget: Sendable {
    var host: String
    var port: Int

    /// Of a text such as `http://127.0.0.1:8000`.
    init?(_ text: String) {
        guard let components = URLComponents(string: text), components.scheme == "http",
            let host = components.host
        else { return nil }
        self.host = host
        port = components.port ?? 80
    }
}
