/// Keeps the utilisation of a provisioned capacity near a target: what was consumed in the last minutes decides what is to be
/// provisioned.
///
/// As the service does with its alarms: **out** when each of the last 2 minutes was above the target, **in** when each of the last 15 was more than
/// 20 points below it, to what the busiest of those minutes needs at the target; never beyond minimum and maximum, and not within
/// the cool-down after the last change of the same direction.
///
/// A pure value: the seconds of the wall clock are an argument.
public struct TargetTracking: Sendable, Equatable {
    /// What is wanted.
    public struct Policy: Sendable, Equatable {
        /// Percent of what is provisioned that is to be consumed.
        public var targetPercent: Double
        /// The least that is provisioned.
        public var minimum: Int
        /// The most.
        public var maximum: Int
        /// After one raise, seconds until the next.
        public var scaleOutCooldownSeconds: Int
        /// After one lowering, seconds until the next.
        public var scaleInCooldownSeconds: Int
        /// Whether it is raised.
        public var scalesOut: Bool
        /// Whether it is lowered.
        public var scalesIn: Bool

        /// Puts a policy together.
        public init(
            targetPercent: Double,
            minimum: Int,
            maximum: Int,
            scaleOutCooldownSeconds: Int = 0,
            scaleInCooldownSeconds: Int = 0,
            scalesOut: Bool = true,
            scalesIn: Bool = true
        ) {
            self.targetPercent = targetPercent
            self.minimum = minimum
            self.maximum = maximum
            self.scaleOutCooldownSeconds = scaleOutCooldownSeconds
            self.scaleInCooldownSeconds = scaleInCooldownSeconds
            self.scalesOut = scalesOut
            self.scalesIn = scalesIn
        }
    }

    /// What is to be done.
    public enum Decision: Sendable, Equatable {
        /// Nothing.
        case stay
        /// To raise the capacity, because of the load.
        case scaleOut(to: Int)
        /// To lower the capacity, because of the load.
        case scaleIn(to: Int)
        /// To bring it between minimum and maximum.
        case fit(to: Int)
    }

    static let minutesOut = 2
    static let minutesIn = 15
    private static let pointsBelow = 20.0

    /// Units a second, of the last minutes; the newest is last.
    private var minutes: [Double] = []
    private var lastOutSeconds: Int64?
    private var lastInSeconds: Int64?

    /// Knows of no minute yet.
    public init() {}

    /// So much was consumed in a second, on the mean of the last minute.
    public mutating func note(unitsPerSecond: Double) {
        minutes.append(unitsPerSecond)
        if minutes.count > Self.minutesIn { minutes.removeFirst() }
    }

    /// What is to be done about a capacity; the caller does it at once, or calls again.
    public func decide(_ policy: Policy, capacity: Int, nowSeconds: Int64) -> Decision {
        if capacity < policy.minimum { return policy.scalesOut ? .fit(to: policy.minimum) : .stay }
        if capacity > policy.maximum { return policy.scalesIn ? .fit(to: policy.maximum) : .stay }
        let high = Double(capacity) * policy.targetPercent / 100
        let low = Double(capacity) * max(0, policy.targetPercent - Self.pointsBelow) / 100
        let latest = minutes.suffix(Self.minutesOut)
        if latest.count == Self.minutesOut, latest.allSatisfy({ $0 > high }) {
            let wanted = Self.needed(latest, policy)
            let isCool = Self.isOver(
                policy.scaleOutCooldownSeconds,
                since: lastOutSeconds,
                nowSeconds
            )
            return policy.scalesOut && isCool && wanted > capacity ? .scaleOut(to: wanted) : .stay
        }
        if minutes.count == Self.minutesIn, minutes.allSatisfy({ $0 < low }) {
            let wanted = Self.needed(minutes[...], policy)
            let isCool = Self.isOver(
                policy.scaleInCooldownSeconds,
                since: lastInSeconds,
                nowSeconds
            )
            return policy.scalesIn && isCool && wanted < capacity ? .scaleIn(to: wanted) : .stay
        }
        return .stay
    }

    /// What was decided was done.
    public mutating func did(_ decision: Decision, nowSeconds: Int64) {
        switch decision {
        case .stay, .fit: break
        case .scaleOut: lastOutSeconds = nowSeconds
        case .scaleIn: lastInSeconds = nowSeconds
        }
    }

    /// What the busiest of some minutes needs at the target.
    private static func needed(_ minutes: ArraySlice<Double>, _ policy: Policy) -> Int {
        let needed = ((minutes.max() ?? 0) * 100 / policy.targetPercent).rounded(.up)
        return max(policy.minimum, Int(min(Double(policy.maximum), needed)))
    }

    private static func isOver(_ seconds: Int, since last: Int64?, _ now: Int64) -> Bool {
        last.map { now - $0 >= Int64(seconds) } ?? true
    }
}
