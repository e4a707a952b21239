/// Units that gather at a steady rate, and that requests take.
///
/// Whoever comes while there is anything may take what it needs: so the level goes below zero, by one request at most, and that is
/// paid back before the next may take. Over any time no more is taken than what gathered in it, what was there when it
/// began, and one request; the sizes of requests do not matter.
///
/// A pure value: `now` is an argument, in nanoseconds of a clock that never goes back.
public struct TokenBucket: Sendable, Equatable {
    /// How long what is not used is kept: 300 s, as the developer guide says of provisioned tables.
    public static let burstSeconds = 300.0

    /// What gathers in a second.
    public private(set) var unitsPerSecond: Double
    /// What gathers in so many seconds is kept.
    public private(set) var burstSeconds: Double
    private var level: Double
    private var counted: UInt64

    /// A bucket that is full.
    public init(
        unitsPerSecond: Double,
        burstSeconds: Double = Self.burstSeconds,
        at now: UInt64
    ) {
        self.unitsPerSecond = unitsPerSecond
        self.burstSeconds = burstSeconds
        level = unitsPerSecond * burstSeconds
        counted = now
    }

    /// The most that is kept.
    public var fullLevel: Double { unitsPerSecond * burstSeconds }

    /// What is there; below zero, what has to be paid back.
    public mutating func level(at now: UInt64) -> Double {
        gather(until: now)
        return level
    }

    /// Takes what a request needs, or gives back what it did not.
    public mutating func take(_ units: CapacityUnits, at now: UInt64) {
        gather(until: now)
        level = min(fullLevel, level - units.value)
    }

    /// Gathers at another rate from now on.
    ///
    /// What is there stays, as far as it may be kept: a rate that is raised brings no burst that was not saved.
    public mutating func change(
        unitsPerSecond: Double,
        burstSeconds: Double = Self.burstSeconds,
        at now: UInt64
    ) {
        gather(until: now)
        self.unitsPerSecond = unitsPerSecond
        self.burstSeconds = burstSeconds
        level = min(level, fullLevel)
    }

    private mutating func gather(until now: UInt64) {
        // Who read the clock first need not come first.
        guard now > counted else { return }
        level = min(fullLevel, level + unitsPerSecond * Double(now - counted) / 1e9)
        counted = now
    }
}
