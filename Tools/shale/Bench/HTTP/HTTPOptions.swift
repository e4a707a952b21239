import ArgumentParser
import Foundation

/// The options of `shale bench --http`.
struct HTTPOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Load the server at this address instead of an engine in this process.",
            valueName: "url"
        )
    )
    var http: String?

    @Option(
        help: "With --http: numbers of connections, with commas between.",
        transform: Self.counts
    )
    var connections: [Int] = [1, 16, 64]

    @Option(help: "With --http: the longest time of a workload, in seconds.")
    var seconds = 10.0

    @Option(help: "With --http: seconds of the same load before, unmeasured.")
    var warmUp = 1.0

    @Option(
        help: ArgumentHelp(
            "With --http: the server's process, for its CPU time and memory.",
            valueName: "pid"
        )
    )
    var process: Int?

    @Option(help: "With --http: what the result calls the server.")
    var engine = "shale"

    @Flag(help: "With --http: the table is there and filled.")
    var filled = false

    private static func counts(_ text: String) throws -> [Int] {
        try text.split(separator: ",").map { part in
            guard let count = Int(part), (1...10_000).contains(count) else {
                throw ValidationError("\(part) is no number of connections from 1 to 10000")
            }
            return count
        }
    }
}

/// `shale bench --http`: makes the table, fills it, and runs the workloads.
struct HTTPBench {
    let options: HTTPOptions
    let plan: HTTPPlan
    let workloads: [HTTPWorkload]
    let json: Bool

    func run(_ url: String) async throws {
        guard let target = HTTPTarget(url) else {
            throw Complaint(.couldNotStart, "\(url) is no address like http://127.0.0.1:8000")
        }
        let load = HTTPLoad(target: target, plan: plan)
        let bodies = HTTPBodies(host: "\(target.host):\(target.port)", plan: plan)
        if !options.filled {
            try await fill(bodies, load)
        }
        for workload in workloads {
            let pool = bodies.pool(workload)
            for connections in options.connections {
                if options.warmUp > 0 {
                    _ = try await load.sendDrawn(
                        pool,
                        connections: connections,
                        operations: plan.operations,
                        seconds: options.warmUp
                    )
                }
                let result = try await measure(workload, pool, load, connections)
                print(json ? try result.line : result.text)
            }
        }
    }

    /// Makes the table and every item; the requests of some at a time are in memory.
    private func fill(_ bodies: HTTPBodies, _ load: HTTPLoad) async throws {
        try refuseFailures(try await load.sendAll([bodies.createTable], connections: 1))
        var draws = Draws(seed: plan.seed)
        for first in stride(from: 0, to: plan.items, by: bodies.filledAtOnce) {
            let items = first..<min(first + bodies.filledAtOnce, plan.items)
            try refuseFailures(try await load.sendAll(bodies.fill(items, &draws), connections: 16))
            Terminal.show(
                "filled: \(Terminal.grouped(items.upperBound)) of "
                    + "\(Terminal.grouped(plan.items)) items"
            )
        }
        Terminal.clear()
    }

    private func measure(
        _ workload: HTTPWorkload,
        _ pool: [HTTPBodies.Request],
        _ load: HTTPLoad,
        _ connections: Int
    ) async throws -> HTTPBenchResult {
        let server = options.process.map { ServerProcess(identifier: $0) }
        let before = (server?.cpuMicroseconds, server?.bytesWritten, clientCPUMicroseconds)
        let outcome = try await load.sendDrawn(
            pool,
            connections: connections,
            operations: plan.operations,
            seconds: options.seconds
        )
        try refuseFailures(outcome)
        let usage = HTTPBenchResult.Usage(
            cpuMicroseconds: difference(server?.cpuMicroseconds, before.0),
            clientCPUMicroseconds: clientCPUMicroseconds - before.2,
            bytesWritten: difference(server?.bytesWritten, before.1),
            peakMemoryBytes: server?.peakMemoryBytes
        )
        return HTTPBenchResult(
            workload,
            engine: options.engine,
            connections: connections,
            plan,
            outcome,
            usage
        )
    }

    private func difference(_ after: Int?, _ before: Int?) -> Int? {
        guard let after, let before else { return nil }
        return after - before
    }

    private func refuseFailures(_ outcome: HTTPLoad.Outcome) throws {
        guard outcome.failures > 0 else { return }
        throw Complaint(
            .couldNotStart,
            "\(outcome.failures) requests failed, the first with: \(outcome.firstFailure ?? "")"
        )
    }

    /// POSIX counts a million ticks a second.
    private var clientCPUMicroseconds: Double { Double(clock()) }
}
