internal import Synchronization

/// Clocks that go as those of the world do, and can be set forward.
///
/// Both clocks are set forward together, and neither ever goes back. What waits for a time is not woken: who sets the
/// clocks wakes it.
public final class VirtualTime: TimeSource {
    /// The clocks that it is ahead of.
    public let real: any TimeSource
    private let ahead = Atomic<Int64>(0)

    /// Clocks that are not ahead.
    public init(_ real: any TimeSource = PosixTimeSource()) { self.real = real }

    /// How far it is ahead of the real clocks, in milliseconds.
    public var aheadMilliseconds: Int64 { ahead.load(ordering: .acquiring) }

    /// The real clock and what it is ahead.
    public var monotonicNanoseconds: UInt64 {
        real.monotonicNanoseconds &+ UInt64(aheadMilliseconds) &* 1_000_000
    }

    /// The real clock and what it is ahead.
    public var wallMilliseconds: Int64 { real.wallMilliseconds &+ aheadMilliseconds }

    /// Sets the clocks so far ahead of the real ones; nothing where they are that far already.
    ///
    /// - Parameter milliseconds: At most `mostMilliseconds`.
    public func set(aheadMilliseconds milliseconds: Int64) {
        precondition(milliseconds <= Self.mostMilliseconds, "a clock is at most 1,000 years ahead")
        _ = ahead.max(milliseconds, ordering: .acquiringAndReleasing)
    }

    /// How far it may be ahead: 1,000 years.
    public static let mostMilliseconds: Int64 = 365_250 * 86_400_000
}

extension World {
    /// The clocks that nobody sets forward: for signatures, and for how long something takes.
    public var realTime: any TimeSource { (time as? VirtualTime)?.real ?? time }

    /// The clocks, where they can be set forward.
    public var virtualTime: VirtualTime? { time as? VirtualTime }
}
