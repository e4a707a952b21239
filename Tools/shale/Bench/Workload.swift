import ArgumentParser
import ShaleEngine

/// The named workloads of the bench.
///
/// Names are those that other engines' tools use.
enum Workload: String, CaseIterable, ExpressibleByArgument {
    case fillseq
    case fillrandom
    case overwrite
    case readrandom
    case readwhilewriting
    case scan

    /// Whether it needs entries to be there.
    var needsEntries: Bool {
        switch self {
        case .fillseq, .fillrandom: false
        case .overwrite, .readrandom, .readwhilewriting, .scan: true
        }
    }

    /// One line of the help.
    var summary: String {
        switch self {
        case .fillseq: "writes every key once, in order"
        case .fillrandom: "writes keys drawn from all of them"
        case .overwrite: "writes keys that are there, drawn by the distribution"
        case .readrandom: "reads keys drawn by the distribution"
        case .readwhilewriting: "the same, while one more caller overwrites"
        case .scan: "reads all entries of one partition key, drawn by the distribution"
        }
    }
}

/// How keys are drawn.
enum Distribution: String, CaseIterable, ExpressibleByArgument {
    case uniform
    case zipf
}

/// What a write survives, as it is written on the command line.
enum DurabilityChoice: String, CaseIterable, ExpressibleByArgument {
    case synced
    case buffered

    /// The engine's word for it.
    var durability: Durability {
        switch self {
        case .synced: .synced
        case .buffered: .buffered
        }
    }
}

/// What a run of the bench is asked for.
struct BenchPlan: Sendable {
    /// How many keys there are.
    var keys: Int
    /// Calls of a workload, over all callers.
    var operations: Int
    /// Concurrent callers.
    var threads: Int
    /// Size of a value, in bytes.
    var valueSizeBytes: Int
    /// Keys that share a partition key.
    var keysPerPartition: Int
    /// How keys are drawn.
    var distribution: Distribution
    /// Where draws begin.
    var seed: UInt64
}
