/// Random numbers that a seed decides.

public import ShalePlatform
internal import Synchronization

/// Xoshiro256**, seeded through SplitMix64.
public struct SimulatedGenerator: RandomNumberGenerator, Sendable {
    struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// The generator of a seed; `stream` tells apart generators that share one.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var scramble = SplitMix(state: stream)
        var expand = SplitMix(state: seed ^ scramble.next())
        state = (expand.next(), expand.next(), expand.next(), expand.next())
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let answer = ((product << 7) | (product >> 57)) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return answer
    }

    /// A number from 0 up to, not including, `bound`, each as likely as the others.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "there is a number to choose")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True once in `count` times.
    public mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}

/// The randomness of a simulated world.
public final class SimulatedRandomness: Randomness {
    private let generator: Mutex<SimulatedGenerator>
    private let trace: Trace

    /// The randomness of a seed; every number goes into the trace.
    public init(seed: UInt64, trace: Trace) {
        generator = Mutex(SimulatedGenerator(seed: seed, stream: 1))
        self.trace = trace
    }

    /// The next 64 bits.
    public func next() -> UInt64 {
        let number = generator.withLock { $0.next() }
        trace.record("random", "", number)
        return number
    }
}
