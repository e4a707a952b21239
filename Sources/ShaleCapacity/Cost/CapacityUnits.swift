/// An amount of read or write capacity units, exact: it counts halves.
///
/// The half is the smallest step the service bills: an eventually consistent read of up to 4 KB.
public struct CapacityUnits: Sendable, Hashable, Comparable, AdditiveArithmetic {
    /// The amount in halves of a unit.
    public var halves: Int

    /// An amount in halves of a unit.
    public init(halves: Int) { self.halves = halves }

    /// An amount in whole units.
    public init(_ units: Int) { halves = 2 * units }

    /// Nothing.
    public static let zero = CapacityUnits(halves: 0)

    /// The amount as responses print it, in steps of 0.5.
    public var value: Double { Double(halves) / 2 }

    /// Whether `left` is the smaller amount.
    public static func < (left: CapacityUnits, right: CapacityUnits) -> Bool {
        left.halves < right.halves
    }

    /// The sum.
    public static func + (left: CapacityUnits, right: CapacityUnits) -> CapacityUnits {
        CapacityUnits(halves: left.halves + right.halves)
    }

    /// The difference.
    public static func - (left: CapacityUnits, right: CapacityUnits) -> CapacityUnits {
        CapacityUnits(halves: left.halves - right.halves)
    }
}
