import Foundation
import Histogram
import ShaleEngine

/// What a workload came to; one JSON object or a few lines for people.
struct BenchResult: Encodable {
    let workload: String
    let operations: Int
    let seconds: Double
    let operationsPerSecond: Double
    let megabytesPerSecond: Double
    let threads: Int
    let keys: Int
    let valueSizeBytes: Int
    let distribution: String
    let durability: String
    let found: Int?
    let meanMicroseconds: Double
    let p50Microseconds: Double
    let p90Microseconds: Double
    let p99Microseconds: Double
    let p999Microseconds: Double
    let maxMicroseconds: Double
    /// Writes beside the reads of `readwhilewriting`.
    let concurrentWrites: Int?

    init(
        _ workload: String,
        entriesPerOperation: Int = 1,
        _ plan: BenchPlan,
        _ durability: Durability,
        _ share: BenchRun.Share,
        seconds: Double
    ) {
        let isRead = share.reads.totalCount > 0
        let latencies = isRead ? share.reads : share.writes
        self.workload = workload
        operations = Int(latencies.totalCount)
        self.seconds = seconds
        operationsPerSecond = Double(operations) / seconds
        let bytes = operations * plan.valueSizeBytes * entriesPerOperation
        megabytesPerSecond = Double(bytes) / seconds / 1e6
        threads = plan.threads
        keys = plan.keys
        valueSizeBytes = plan.valueSizeBytes
        distribution = plan.distribution.rawValue
        self.durability = durability == .synced ? "synced" : "buffered"
        found = isRead ? share.found : nil
        meanMicroseconds = latencies.mean / 1e3
        p50Microseconds = Double(latencies.valueAtPercentile(50)) / 1e3
        p90Microseconds = Double(latencies.valueAtPercentile(90)) / 1e3
        p99Microseconds = Double(latencies.valueAtPercentile(99)) / 1e3
        p999Microseconds = Double(latencies.valueAtPercentile(99.9)) / 1e3
        maxMicroseconds = Double(latencies.max) / 1e3
        concurrentWrites =
            workload == Workload.readwhilewriting.rawValue ? Int(share.writes.totalCount) : nil
    }

    /// Two lines for people.
    var text: String {
        let name = workload.padding(toLength: 17, withPad: " ", startingAt: 0)
        var first =
            "\(name)\(Terminal.grouped(Int(operationsPerSecond)))/s, "
            + "\(Terminal.rounded(megabytesPerSecond, 1)) MB/s, "
            + "\(Terminal.grouped(operations)) in \(Terminal.rounded(seconds, 2)) s"
        if let found { first += ", \(Terminal.grouped(found)) found" }
        if let concurrentWrites { first += ", beside \(Terminal.grouped(concurrentWrites)) writes" }
        let percentiles = [
            ("mean", meanMicroseconds), ("p50", p50Microseconds), ("p90", p90Microseconds),
            ("p99", p99Microseconds), ("p99.9", p999Microseconds), ("max", maxMicroseconds),
        ]
        let second = percentiles.map { "\($0) \(Terminal.rounded($1, 1))" }.joined(separator: "  ")
        return first + "\n" + String(repeating: " ", count: 17) + second + " µs"
    }
}
