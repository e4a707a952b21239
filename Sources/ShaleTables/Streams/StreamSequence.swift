internal import ShaleEngine

/// The place of a record in its stream: the place of its write in the log.
///
/// As text it is a decimal number of 25 digits, so that texts and numbers have the same order: 10^24 plus 65,536 times the
/// position in the log, plus the place in the record there.
public struct StreamSequence: Hashable, Comparable, Sendable, CustomStringConvertible {
    private static let digitCount = 25
    private static let places: UInt128 = 1 << 16
    private static let base: UInt128 = 1_000_000_000_000_000_000_000_000

    /// No log is as long, and the next position is a number still.
    static let lastPosition = UInt64(Int64.max)

    /// The place.
    let stamp: Stamp

    init(_ stamp: Stamp) { self.stamp = stamp }

    /// The first place that is not before a position of the log.
    init(from position: LogPosition) { stamp = Stamp(position: position, ordinal: 0) }

    /// Reads a sequence number; nil where it is none of ours.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == Self.digitCount, let number = UInt128(text), number >= Self.base,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let position = UInt64(exactly: (number - Self.base) / Self.places),
            position <= Self.lastPosition
        else { return nil }
        stamp = Stamp(
            position: LogPosition(position),
            ordinal: UInt16(truncatingIfNeeded: number - Self.base)
        )
    }

    /// The number.
    public var description: String {
        String(
            Self.base + UInt128(stamp.position.rawValue) * Self.places + UInt128(stamp.ordinal)
        )
    }

    /// The next place.
    package var next: StreamSequence {
        stamp.ordinal == .max
            ? StreamSequence(from: LogPosition(stamp.position.rawValue + 1))
            : StreamSequence(Stamp(position: stamp.position, ordinal: stamp.ordinal + 1))
    }

    /// Older before newer.
    public static func < (left: StreamSequence, right: StreamSequence) -> Bool {
        left.stamp < right.stamp
    }
}
