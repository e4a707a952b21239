/// How long something took, counted in buckets that are exact to a quarter.
///
/// Four buckets to a power of two, from a microsecond to more than a day: 1,152 bytes, whatever is counted.
public struct DurationHistogram: Hashable, Sendable {
    /// Buckets of one power of two.
    private static let steps = 4
    /// Nanoseconds are counted in units of 1,024.
    private static let unitBits = 10
    private static let bucketCount = 36 * steps

    private var counts = [Int](repeating: 0, count: DurationHistogram.bucketCount)
    /// How many there were.
    public private(set) var count = 0
    /// Their sum, in nanoseconds.
    public private(set) var totalNanoseconds: UInt64 = 0
    /// The longest, in nanoseconds.
    public private(set) var longestNanoseconds: UInt64 = 0

    /// Nothing counted yet.
    public init() {}

    /// Counts one duration.
    public mutating func record(nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] += 1
        count += 1
        totalNanoseconds &+= nanoseconds
        longestNanoseconds = max(longestNanoseconds, nanoseconds)
    }

    /// Nanoseconds within which this part of them lies, rounded up to the end of a bucket; 0 if there
    /// are none.
    public func nanoseconds(quantile: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        var left = Int((Double(count) * min(max(quantile, 0), 1)).rounded(.up))
        for index in counts.indices {
            left -= counts[index]
            if left <= 0 { return min(Self.end(of: index), longestNanoseconds) }
        }
        return longestNanoseconds
    }

    /// Buckets that have something, and how much.
    var buckets: [(Int, Int)] {
        counts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
    }

    /// What `buckets` and the numbers beside them gave; nil if they do not fit together.
    init?(_ buckets: [(Int, Int)], count: Int, total: UInt64, longest: UInt64) {
        for (bucket, number) in buckets {
            guard counts.indices.contains(bucket), number > 0, number <= count else { return nil }
            counts[bucket] = number
        }
        guard counts.reduce(0, { $0 &+ $1 }) == count else { return nil }
        self.count = count
        totalNanoseconds = total
        longestNanoseconds = longest
    }

    /// How many were no longer than this, as far as buckets tell.
    public func count(upTo nanoseconds: UInt64) -> Int {
        var sum = 0
        for index in counts.indices where Self.end(of: index) <= nanoseconds {
            sum += counts[index]
        }
        return sum
    }

    private static func bucket(_ nanoseconds: UInt64) -> Int {
        let units = nanoseconds >> unitBits
        guard units >= steps else { return Int(units) }
        let power = UInt64.bitWidth - 1 - units.leadingZeroBitCount
        let step = Int(truncatingIfNeeded: units >> UInt64(power - 2)) & (steps - 1)
        return min((power - 1) * steps + step, bucketCount - 1)
    }

    /// The first duration that is too long for a bucket.
    private static func end(of bucket: Int) -> UInt64 {
        let next = bucket + 1
        guard next >= steps else { return UInt64(next) << unitBits }
        let power = next / steps + 1
        return UInt64(steps + next % steps) << UInt64(power - 2 + unitBits)
    }
}
