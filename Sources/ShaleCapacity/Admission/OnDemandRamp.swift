/// How fast a table that is paid by request may grow: to twice its previous peak, within 30 minutes.
///
/// Time is cut into periods of 30 minutes, and a peak is the mean rate of the busiest minute. In one period a table may take twice what its peak was
/// before the period, and at least what a new table may: 4,000 writes and 12,000 reads a second, or its warm throughput where that is
/// more. A table that was provisioned begins with half of that as its peak. So a load that doubles every half an hour is never refused, and one that grows faster is, until the period is over.
///
/// What a table has grown to it keeps. A pure value: `now` is an argument.
public struct OnDemandRamp: Sendable, Equatable {
    /// Read units a second of a new table.
    public static let startReadUnitsPerSecond = 12_000
    /// Write units a second of a new table.
    public static let startWriteUnitsPerSecond = 4_000
    /// A table grows once in so long.
    public static let periodNanoseconds: UInt64 = 30 * 60 * 1_000_000_000
    private static let minuteNanoseconds: UInt64 = 60 * 1_000_000_000

    private var start: Double
    /// Units a second, before this period.
    private var previousPeak = 0.0
    private var peak = 0.0
    private var periodBegin: UInt64
    private var minuteBegin: UInt64
    private var minuteUnits = 0.0

    /// A table that has taken nothing yet.
    public init(startUnitsPerSecond: Int, at now: UInt64) {
        start = Double(startUnitsPerSecond)
        periodBegin = now
        minuteBegin = now
    }

    /// What the table may take in a second.
    public mutating func unitsPerSecond(at now: UInt64) -> Double {
        turn(at: now)
        return max(start, 2 * previousPeak)
    }

    /// A request took so much.
    public mutating func take(_ units: CapacityUnits, at now: UInt64) {
        turn(at: now)
        minuteUnits += units.value
    }

    /// A table that was provisioned may take no less than it was: half of it counts as a peak that was.
    public mutating func note(provisionedUnitsPerSecond units: Int) {
        previousPeak = max(previousPeak, Double(units) / 2)
    }

    /// The warm throughput is another one from now on.
    public mutating func change(startUnitsPerSecond: Int) { start = Double(startUnitsPerSecond) }

    private mutating func turn(at now: UInt64) {
        if now >= minuteBegin + Self.minuteNanoseconds {
            peak = max(peak, minuteUnits * 1e9 / Double(Self.minuteNanoseconds))
            minuteUnits = 0
            minuteBegin += (now - minuteBegin) / Self.minuteNanoseconds * Self.minuteNanoseconds
        }
        if now >= periodBegin + Self.periodNanoseconds {
            previousPeak = max(previousPeak, peak)
            peak = 0
            periodBegin += (now - periodBegin) / Self.periodNanoseconds * Self.periodNanoseconds
        }
    }
}
