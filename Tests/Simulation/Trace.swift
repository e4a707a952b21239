/// What happened in a simulated world, as one number: two runs from one seed must agree in it.
///
/// Every file operation, every choice of the scheduler and every random number is mixed in, in the
/// order in which it happened. To find where two runs part, keep the events and compare them.

internal import ShaleBytes
internal import Synchronization

/// The running hash of a simulated world.
public final class Trace: Sendable {
    /// One thing that happened.
    public struct Event: Sendable, Equatable, CustomStringConvertible {
        /// What, as "write" or "choose".
        public var kind: String
        /// With which file, or empty.
        public var name: String
        /// Offsets, counts, checksums, indexes: what the kind has.
        public var numbers: [UInt64]

        /// "write log/1 0 512 2774534091".
        public var description: String {
            ([kind, name] + numbers.map(String.init)).filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }

    private struct State {
        var hash: UInt64 = 0
        var kept: [Event]?
    }

    private let state: Mutex<State>

    /// An empty trace.
    ///
    /// - Parameter keepsEvents: whether the events themselves are kept beside their hash.
    public init(keepsEvents: Bool = false) {
        state = Mutex(State(kept: keepsEvents ? [] : nil))
    }

    /// The hash of all that has happened so far.
    public var hash: UInt64 { state.withLock { $0.hash } }

    /// All that has happened so far, or nothing where events are not kept.
    public var events: [Event] { state.withLock { $0.kept ?? [] } }

    /// Mixes an event in.
    public func record(_ kind: String, _ name: String = "", _ numbers: UInt64...) {
        record(kind, name, numbers)
    }

    /// Mixes an event in.
    public func record(_ kind: String, _ name: String, _ numbers: [UInt64]) {
        state.withLock { state in
            var hash = Hash.xxh3(Array(kind.utf8) + [0] + Array(name.utf8), seed: state.hash)
            for number in numbers { hash = Self.mixed(hash ^ number) }
            state.hash = hash
            state.kept?.append(Event(kind: kind, name: name, numbers: numbers))
        }
    }

    /// A bijection of 64 bits in which every bit of the input reaches every bit of the output.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var generator = SimulatedGenerator.SplitMix(state: value)
        return generator.next()
    }
}
