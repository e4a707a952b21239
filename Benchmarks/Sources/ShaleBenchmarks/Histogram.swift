internal import CPeers

/// Durations in nanoseconds, counted in buckets that are exact to 1.6 %.
struct Histogram: Sendable {
    /// Buckets of one power of two.
    private static let steps = 64
    private var counts = [UInt32](repeating: 0, count: 40 * Histogram.steps)
    private(set) var count = 0

    @inline(__always)
    mutating func record(nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] &+= 1
        count &+= 1
    }

    mutating func add(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
    }

    /// Microseconds within which the fraction `quantile` lies; 0 without samples.
    func microseconds(_ quantile: Double) -> Double {
        guard count > 0 else { return 0 }
        var left = Int((Double(count) * quantile).rounded(.up))
        for index in counts.indices {
            left -= Int(counts[index])
            if left <= 0 { return Double(Self.middle(index)) / 1000 }
        }
        return 0
    }

    @inline(__always)
    private static func bucket(_ nanoseconds: UInt64) -> Int {
        guard nanoseconds >= 64 else { return Int(nanoseconds) }
        let power = 63 - nanoseconds.leadingZeroBitCount
        let step = Int(truncatingIfNeeded: nanoseconds >> UInt64(power - 6)) & 63
        return min((power - 5) * steps + step, 40 * steps - 1)
    }

    private static func middle(_ bucket: Int) -> UInt64 {
        guard bucket >= steps else { return UInt64(bucket) }
        let power = bucket / steps + 5
        let width = UInt64(1) << UInt64(power - 6)
        return (1 << UInt64(power)) + UInt64(bucket % steps) * width + width / 2
    }
}

/// The steady clock.
enum Ticks {
    static let perSecond = benchTicksPerSecond()
    static let nanosecondsPerTick = 1e9 / perSecond

    @inline(__always)
    static var now: UInt64 { benchTicks() }

    static func seconds(_ ticks: UInt64) -> Double { Double(ticks) / perSecond }
}
