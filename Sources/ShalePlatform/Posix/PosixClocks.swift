/// The operating system's clocks and randomness.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The operating system's clocks.
public struct PosixTimeSource: TimeSource {
    /// All instances are alike.
    public init() {}

    /// Time since the machine started; on Linux without the time it was suspended.
    public var monotonicNanoseconds: UInt64 { Self.read(CLOCK_MONOTONIC) }

    /// The time of day.
    public var wallMilliseconds: Int64 { Int64(Self.read(CLOCK_REALTIME) / 1_000_000) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Safety: the answer is a whole `timespec` that outlives the call.
        let status = unsafe clock_gettime(clock, &time)
        precondition(status == 0, "the system has both clocks")
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The operating system's cryptographically secure randomness.
public struct SystemRandomness: Randomness {
    /// All instances are alike.
    public init() {}

    /// 64 bits from the kernel.
    public func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
