internal import ArgumentParser
internal import CachePolicies

/// Hit ratios of cache policies on the same trace, one line of JSON for each policy and size.
///
///     swift run -c release HitRatio > Docs/Pictures/hit-ratio.jsonl
///     Tools/hitratio/plot.py Docs/Pictures/hit-ratio.jsonl Docs/Pictures/hit-ratio.svg
@main
struct HitRatio: ParsableCommand {
    @Option(help: "Different keys.")
    var keys = 200_000
    @Option(help: "Uses of keys in the trace; the first half fills the caches and is not counted.")
    var uses = 4_000_000
    @Option(help: "The exponent of the Zipf distribution.")
    var exponent = 0.99
    @Option(help: "Sizes of the cache in percent of the keys.")
    var percents = [1, 2, 5, 10, 20, 40]
    @Option(help: "What the trace is drawn from.")
    var seed: UInt64 = 1

    func run() {
        for percent in percents {
            let capacity = keys * percent / 100
            report("Shale", percent, Ours(capacity: capacity))
            report("W-TinyLFU", percent, WindowTinyLFU(capacity: capacity))
            report("LRU", percent, LeastRecentlyUsed(capacity: capacity))
        }
    }

    private func report(_ name: String, _ percent: Int, _ policy: some CachePolicy) {
        var policy = policy
        var hits = 0
        let trace = ZipfTrace(keys: keys, exponent: exponent, length: uses, seed: seed)
        for (index, key) in trace.enumerated() {
            let isHit = policy.use(key)
            if isHit, index >= uses / 2 { hits += 1 }
        }
        let ratio = Double(hits) / Double(uses - uses / 2)
        print(
            "{\"policy\": \"\(name)\", \"percent\": \(percent), \"hitRatio\": \(ratio), "
                + "\"keys\": \(keys), \"uses\": \(uses), \"exponent\": \(exponent)}"
        )
    }
}
