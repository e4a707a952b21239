import Foundation
import Histogram

/// What a workload over HTTP came to; one JSON object or a few lines for people.
struct HTTPBenchResult: Encodable {
    let row: String
    let engine: String
    let threads: Int
    let connections: Int
    let valueSizeBytes: Int
    let operations: Int
    let failures: Int
    let seconds: Double
    let opsPerSecond: Double
    let p50Microseconds: Double
    let p99Microseconds: Double
    let p999Microseconds: Double
    let maxMicroseconds: Double
    /// Of the server, where its process was named.
    let cpuMicrosecondsPerOperation: Double?
    let clientCPUMicrosecondsPerOperation: Double
    let bytesOnDisk: Int?
    let bytesWritten: Int?
    let peakMemoryBytes: Int?

    /// What the server used during a run.
    struct Usage {
        var cpuMicroseconds: Int?
        var clientCPUMicroseconds: Double
        var bytesOnDisk: Int?
        var bytesWritten: Int?
        var peakMemoryBytes: Int?
    }

    init(
        _ workload: HTTPWorkload,
        engine: String,
        connections: Int,
        _ plan: HTTPPlan,
        _ outcome: HTTPLoad.Outcome,
        _ usage: Usage
    ) {
        let latencies = outcome.latencies
        row = workload.rawValue
        self.engine = engine
        threads = plan.threads
        self.connections = connections
        valueSizeBytes = plan.itemSizeBytes
        operations = Int(latencies.totalCount)
        failures = outcome.failures
        seconds = outcome.seconds
        opsPerSecond = Double(operations) / seconds
        p50Microseconds = Double(latencies.valueAtPercentile(50)) / 1e3
        p99Microseconds = Double(latencies.valueAtPercentile(99)) / 1e3
        p999Microseconds = Double(latencies.valueAtPercentile(99.9)) / 1e3
        maxMicroseconds = Double(latencies.max) / 1e3
        let count = Double(max(1, operations))
        cpuMicrosecondsPerOperation = usage.cpuMicroseconds.map { Double($0) / count }
        clientCPUMicrosecondsPerOperation = usage.clientCPUMicroseconds / count
        bytesOnDisk = usage.bytesOnDisk
        bytesWritten = usage.bytesWritten
        peakMemoryBytes = usage.peakMemoryBytes
    }

    /// One JSON object, with members called as in the files of `Benchmarks`.
    var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Two lines for people.
    var text: String {
        let name = "\(row), \(connections)".padding(toLength: 17, withPad: " ", startingAt: 0)
        var first =
            "\(name)\(Terminal.grouped(Int(opsPerSecond)))/s, \(Terminal.grouped(operations)) in "
            + "\(Terminal.rounded(seconds, 2)) s"
        if failures > 0 { first += ", \(Terminal.grouped(failures)) FAILED" }
        let percentiles = [
            ("p50", p50Microseconds), ("p99", p99Microseconds), ("p99.9", p999Microseconds),
            ("max", maxMicroseconds),
        ]
        var second = percentiles.map { "\($0) \(Terminal.rounded($1, 1))" }.joined(separator: "  ")
        if let cpu = cpuMicrosecondsPerOperation {
            second += "  server CPU \(Terminal.rounded(cpu, 1))"
        }
        second += "  client CPU \(Terminal.rounded(clientCPUMicrosecondsPerOperation, 1))"
        return first + "\n" + String(repeating: " ", count: 17) + second + " µs"
    }
}
