/// A piece of the hash order of one table or index: what the service's partitions are to its limits.
///
/// It is a simulated one: the first 16 bits of the hash of the partition key. So what a user sees does not depend on how many partitions the
/// engine has cut a table into, and a hot key is soon alone in its range, as where the service splits for heat.
public struct KeyRange: Sendable, Hashable {
    /// Which of the 65,536 it is.
    public let number: UInt16

    /// The range of a partition key with this hash.
    public init(partitionHash: UInt64) { number = UInt16(partitionHash >> 48) }
}

/// What the key ranges of one table or index may take, in one direction.
///
/// Two bounds for each range. **The hard one**: 3,000 read or 1,000 write units a second, whatever the table has. **Its share** of what the table
/// has, evenly divided among the ranges in use: a range within its share is served even while others have taken all there is, and what others leave of
/// theirs is lent to whoever comes, at once, as adaptive capacity does.
///
/// Ranges that are not in use are forgotten: their buckets would be full. So it holds at most twice as many as there are ranges.
///
/// A pure value: `now` is an argument.
public struct KeyRangeLimits: Sendable, Equatable {
    /// Read units that one range may take in a second.
    public static let readUnitsPerSecond = 3_000
    /// Write units that one range may take in a second.
    public static let writeUnitsPerSecond = 1_000
    /// What a range saves of either bound: so much that requests of a second may come at once.
    static let burstSeconds = 1.0
    /// A range is in use for at least so long after its last request.
    static let useNanoseconds: UInt64 = 10_000_000_000

    private struct Buckets: Equatable {
        var hard: TokenBucket
        var share: TokenBucket
    }

    private let unitsPerSecond: Double
    private var current: [KeyRange: Buckets] = [:]
    private var previous: [KeyRange: Buckets] = [:]
    private var previousOnly = 0
    private var turned: UInt64

    /// Limits of so many units a second for each range.
    public init(unitsPerSecond: Int, at now: UInt64) {
        self.unitsPerSecond = Double(unitsPerSecond)
        turned = now
    }

    /// How many ranges are in use.
    public var count: Int { current.count + previousOnly }

    /// Whether a range has taken all that one range may take.
    public func isExhausted(_ range: KeyRange, at now: UInt64) -> Bool {
        guard var hard = (current[range] ?? previous[range])?.hard else { return false }
        return hard.level(at: now) <= 0
    }

    /// Whether a range has not yet taken its share of what the table has.
    public mutating func isWithinShare(
        _ range: KeyRange,
        ofTable tableUnitsPerSecond: Double,
        at now: UInt64
    ) -> Bool {
        turn(at: now)
        return use(range, tableUnitsPerSecond, at: now) { buckets in
            buckets.share.level(at: now) > 0
        }
    }

    /// A request in a range took so much.
    public mutating func take(
        _ units: CapacityUnits,
        _ range: KeyRange,
        ofTable tableUnitsPerSecond: Double,
        at now: UInt64
    ) {
        turn(at: now)
        use(range, tableUnitsPerSecond, at: now) { buckets in
            buckets.hard.take(units, at: now)
            // What is lent is no debt: when the range is calm again it has its share at once.
            if buckets.share.level(at: now) > 0 { buckets.share.take(units, at: now) }
        }
    }

    private mutating func use<Answer>(
        _ range: KeyRange,
        _ tableUnitsPerSecond: Double,
        at now: UInt64,
        _ body: (inout Buckets) -> Answer
    ) -> Answer {
        var buckets =
            current[range] ?? previous[range]
            ?? Buckets(
                hard: TokenBucket(
                    unitsPerSecond: unitsPerSecond,
                    burstSeconds: Self.burstSeconds,
                    at: now
                ),
                share: TokenBucket(
                    unitsPerSecond: tableUnitsPerSecond / Double(count + 1),
                    burstSeconds: Self.burstSeconds,
                    at: now
                )
            )
        if current[range] == nil, previous[range] != nil { previousOnly -= 1 }
        buckets.share.change(
            unitsPerSecond: tableUnitsPerSecond / Double(max(1, count)),
            burstSeconds: Self.burstSeconds,
            at: now
        )
        let answer = body(&buckets)
        current[range] = buckets
        return answer
    }

    private mutating func turn(at now: UInt64) {
        guard now >= turned + Self.useNanoseconds else { return }
        previous = now >= turned + 2 * Self.useNanoseconds ? [:] : current
        previousOnly = previous.count
        current = [:]
        turned = now
    }
}
