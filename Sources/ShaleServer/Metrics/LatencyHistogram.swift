/// Counts durations in fixed buckets, as Prometheus reads them.
struct LatencyHistogram: Sendable {
    /// Upper bounds, from a read out of memory to a request that is as good as lost.
    static let boundsMicroseconds: [UInt64] = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ]

    /// One count per bound, and one for what is longer than all of them.
    private(set) var counts = [UInt64](repeating: 0, count: boundsMicroseconds.count + 1)
    private(set) var totalNanoseconds: UInt64 = 0

    /// Counts one duration.
    mutating func record(nanoseconds: UInt64) {
        let bucket =
            Self.boundsMicroseconds.firstIndex { nanoseconds <= $0 * 1_000 }
            ?? Self.boundsMicroseconds.count
        counts[bucket] += 1
        totalNanoseconds &+= nanoseconds
    }

    /// Adds the counts of another.
    mutating func add(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        totalNanoseconds &+= other.totalNanoseconds
    }
}
