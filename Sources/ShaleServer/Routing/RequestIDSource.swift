internal import ShalePlatform
internal import ShaleWire
internal import Synchronization

/// Identities of responses: different from each other and from those of other servers, but no
/// secret; a system call for each would cost more than the rest of a small request's envelope.
final class RequestIDSource: Sendable {
    private let state: Mutex<UInt64>

    init(_ randomness: any Randomness) { state = Mutex(randomness.next()) }

    func next() -> RequestID {
        state.withLock { state in RequestID { Self.step(&state) } }
    }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
    private static func step(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
