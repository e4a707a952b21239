internal import ShalePlatform
internal import ShaleWire
internal import Synchronization

/// Identities of responses: different from each other and from those of other servers, but no
/// secret; a system call for each would cost more than the rest of a small request's envelope.
final class RequestIDSource: Sendable {
    /// How many words an identity takes.
    private static let words: UInt64 = 4
    /// The step of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private let state: Atomic<UInt64>

    init(_ randomness: any Randomness) { state = Atomic(randomness.next()) }

    func next() -> RequestID {
        var state = state.wrappingAdd(Self.step &* Self.words, ordering: .relaxed).oldValue
        return RequestID {
            state &+= Self.step
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
