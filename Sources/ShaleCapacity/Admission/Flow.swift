/// The reads, or the writes, of one table or global index: what they may take, and what they took.
///
/// A request is admitted while every bucket that it draws from holds anything, and takes from all. A pure value: `now` is an
/// argument.
public struct Flow: Sendable, Equatable {
    /// What a table that is not provisioned saves: requests of a second may come at once.
    ///
    /// A maximum is there to bound costs.
    static let onDemandBurstSeconds = 1.0

    /// What bounds it.
    public private(set) var limits: FlowLimits
    /// All that was taken since the value was made.
    public private(set) var taken = CapacityUnits.zero

    private var bucket: TokenBucket?
    private var maximum: TokenBucket?
    private var ramp: OnDemandRamp?
    private var ranges: KeyRangeLimits?

    /// A flow that has taken nothing yet; its buckets are full.
    public init(_ limits: FlowLimits, at now: UInt64) {
        self.limits = FlowLimits()
        change(to: limits, at: now)
    }

    /// Which bound refuses a request now; nil admits it.
    public mutating func refusal(in range: KeyRange?, at now: UInt64) -> LimitKind? {
        if let range, ranges?.isExhausted(range, at: now) == true { return .keyRange }
        if let level = maximum?.level(at: now), level <= 0 { return .maximum }
        follow(at: now)
        guard let level = bucket?.level(at: now), level <= 0 else { return nil }
        // A range within its share is not refused because others borrowed what there was: they wait until it is paid back.
        let rate = bucket?.unitsPerSecond ?? 0
        if let range, level > -rate * KeyRangeLimits.burstSeconds,
            ranges?.isWithinShare(range, ofTable: rate, at: now) == true
        {
            return nil
        }
        return ramp == nil ? .provisioned : .keyRange
    }

    /// A request takes units, or gives back what it did not need.
    public mutating func take(_ units: CapacityUnits, in range: KeyRange?, at now: UInt64) {
        taken += units
        ramp?.take(units, at: now)
        follow(at: now)
        bucket?.take(units, at: now)
        maximum?.take(units, at: now)
        if let range {
            ranges?.take(units, range, ofTable: bucket?.unitsPerSecond ?? 0, at: now)
        }
    }

    /// What is there of what was provisioned, or of what a table paid by request has grown to; nil without such a bound.
    public mutating func level(at now: UInt64) -> Double? {
        follow(at: now)
        return bucket?.level(at: now)
    }

    /// Other bounds count from now on.
    ///
    /// What was saved stays, where the same kind of bound stays.
    public mutating func change(to new: FlowLimits, at now: UInt64) {
        guard new != limits else { return }
        let wasOnDemand = ramp != nil
        ramp = Self.changed(ramp, to: new.rampStart, at: now)
        if let provisioned = limits.provisioned {
            ramp?.note(provisionedUnitsPerSecond: provisioned)
        }
        if (ramp != nil) != wasOnDemand { bucket = nil }
        bucket =
            if let provisioned = new.provisioned {
                Self.changed(bucket, to: provisioned, TokenBucket.burstSeconds, at: now)
            } else if let start = new.rampStart {
                Self.changed(bucket, to: start, Self.onDemandBurstSeconds, at: now)
            } else { nil }
        maximum = new.maximum.map {
            Self.changed(maximum, to: $0, Self.onDemandBurstSeconds, at: now)
        }
        if new.perKeyRange != limits.perKeyRange {
            ranges = new.perKeyRange.map { KeyRangeLimits(unitsPerSecond: $0, at: now) }
        }
        limits = new
        follow(at: now)
    }

    /// The bucket of a table paid by request has the rate that the table has grown to.
    private mutating func follow(at now: UInt64) {
        guard let rate = ramp?.unitsPerSecond(at: now), rate != bucket?.unitsPerSecond else {
            return
        }
        bucket?.change(
            unitsPerSecond: rate,
            burstSeconds: Self.onDemandBurstSeconds,
            at: now
        )
    }

    private static func changed(
        _ old: OnDemandRamp?,
        to start: Int?,
        at now: UInt64
    ) -> OnDemandRamp? {
        guard let start else { return nil }
        guard var ramp = old else { return OnDemandRamp(startUnitsPerSecond: start, at: now) }
        ramp.change(startUnitsPerSecond: start)
        return ramp
    }

    private static func changed(
        _ old: TokenBucket?,
        to units: Int,
        _ burstSeconds: Double,
        at now: UInt64
    ) -> TokenBucket {
        guard var bucket = old else {
            return TokenBucket(
                unitsPerSecond: Double(units),
                burstSeconds: burstSeconds,
                at: now
            )
        }
        bucket.change(unitsPerSecond: Double(units), burstSeconds: burstSeconds, at: now)
        return bucket
    }
}
