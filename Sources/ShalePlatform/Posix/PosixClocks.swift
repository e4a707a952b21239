/// The operating system's clocks and randomness.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif
internal import Synchronization

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

    private static let pool = Mutex(Pool())

    /// 64 bits that the kernel drew, given to nobody else.
    public func next() -> UInt64 { Self.pool.withLock { $0.next() } }

    /// What the kernel has drawn and nobody has got yet: a call for all of it costs little more than one for a word.
    private struct Pool {
        /// As many bytes as one call gives at most.
        private static let bytes = 256

        private var words: [UInt64] = []

        mutating func next() -> UInt64 {
            if words.isEmpty { words = Self.draw() }
            return words.removeLast()
        }

        private static func draw() -> [UInt64] {
            var words = [UInt64](repeating: 0, count: bytes / MemoryLayout<UInt64>.size)
            // Safety: the array has as many bytes as are asked for, and every bit pattern is a word.
            let status = unsafe words.withUnsafeMutableBytes {
                unsafe getentropy($0.baseAddress, $0.count)
            }
            // The kernel has always so many bytes once it has started.
            precondition(status == 0, "the kernel draws random bytes")
            return words
        }
    }
}
