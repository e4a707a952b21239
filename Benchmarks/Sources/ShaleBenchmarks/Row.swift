internal import CPeers

/// What a row hands to the output, besides the time of its operations.
struct RowResult: Sendable {
    var outcomes: [Outcome]
    /// User bytes that the row wrote: keys and values.
    var userBytes = 0
    /// Whether the engine is settled before CPU and bytes are read.
    var writes = false
    /// Operations of another kind that ran beside, as the writer of a row of reads.
    var beside: [Outcome] = []
    /// Fields of this row alone: name and JSON value.
    var extra: [(String, String)] = []

    var operations: Int { outcomes.reduce(0) { $0 + $1.operations } }

    var perSecond: Double { Self.perSecond(outcomes) }

    static func perSecond(_ outcomes: [Outcome]) -> Double {
        guard let start = outcomes.map(\.started).min(), let end = outcomes.map(\.ended).max(),
            end > start
        else { return 0 }
        return Double(outcomes.reduce(0) { $0 + $1.operations }) / Ticks.seconds(end - start)
    }

    static func histogram(_ outcomes: [Outcome]) -> Histogram {
        outcomes.reduce(into: Histogram()) { $0.add($1.histogram) }
    }
}

/// The rows by name.
enum Row {
    static func run<S: Store>(_ store: S, _ request: Request) -> RowResult {
        switch request.row {
        case "fillseq": Fill.sequential(store, request)
        case "fillrandom", "load": Fill.random(store, request, pass: 0)
        case "overwrite": Fill.random(store, request, pass: 1)
        case "batch": Fill.batches(store, request)
        case "readrandom", "readcold": Reads.uniform(store, request, offset: 0)
        case "readmissing": Reads.uniform(store, request, offset: 1)
        case "readzipf": Reads.zipf(store, request)
        case "scan10": Reads.scans(store, request, limit: 10)
        case "scan100": Reads.scans(store, request, limit: 100)
        case "fullscan": Reads.everything(store, request)
        case "putsynced": Synced.threads(store, request)
        case "putsynced-tasks":
            if let ours = store as? ShaleStore {
                Synced.tasks(ours, request)
            } else {
                fail("only ours has a call for tasks")
            }
        case "readwhilewriting": Mixed.readWhileWriting(store, request)
        case "ycsb-a": Cloud.run(store, request, .init(reads: 50, updates: 50))
        case "ycsb-b": Cloud.run(store, request, .init(reads: 95, updates: 5))
        case "ycsb-c": Cloud.run(store, request, .init(reads: 100))
        case "ycsb-d": Cloud.run(store, request, .init(reads: 95, inserts: 5, readsLatest: true))
        case "ycsb-e": Cloud.run(store, request, .init(scans: 95, inserts: 5))
        case "ycsb-f": Cloud.run(store, request, .init(reads: 50, readModifyWrites: 50))
        case "sustained": Sustained.overwrite(store, request)
        default: fail("no such row: \(request.row)")
        }
    }

    /// Rows whose data is read once before they are measured, so that it is in the cache.
    static func isWarmed(_ row: String) -> Bool {
        switch row {
        case "readrandom", "readmissing", "readzipf", "scan10", "scan100", "fullscan",
            "overwrite", "readwhilewriting":
            true
        default: row.hasPrefix("ycsb")
        }
    }
}
