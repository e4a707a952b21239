import CachePolicies
import Testing

/// Who is found: beside W-TinyLFU and LRU on the same trace.
struct HitRatioTests {
    private func ratio(_ policy: some CachePolicy, keys: Int, uses: Int, exponent: Double) -> Double
    {
        var policy = policy
        var hits = 0
        let trace = ZipfTrace(keys: keys, exponent: exponent, length: uses, seed: 7)
        for (index, key) in trace.enumerated() {
            if policy.use(key), index >= uses / 2 { hits += 1 }
        }
        return Double(hits) / Double(uses - uses / 2)
    }

    @Test(arguments: [0.8, 0.99])
    func `a tenth of the keys is as good as with W-TinyLFU, and better than with LRU`(
        exponent: Double
    ) {
        let (keys, uses) = (20_000, 200_000)
        let capacity = keys / 10
        let ours = ratio(Ours(capacity: capacity), keys: keys, uses: uses, exponent: exponent)
        let tiny = ratio(
            WindowTinyLFU(capacity: capacity),
            keys: keys,
            uses: uses,
            exponent: exponent
        )
        let recent = ratio(
            LeastRecentlyUsed(capacity: capacity),
            keys: keys,
            uses: uses,
            exponent: exponent
        )
        #expect(ours > tiny - 0.01, "ours \(ours), W-TinyLFU \(tiny)")
        #expect(ours > recent + 0.02, "ours \(ours), LRU \(recent)")
    }
}
