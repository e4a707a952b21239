/// Clocks that stand still unless the simulation moves them.

public import ShalePlatform
internal import Synchronization

/// The clocks of a simulated world.
///
/// Time moves a little with every step and every file operation, and jumps to the next delayed step
/// when nothing else is left to do.
public final class SimulatedTime: TimeSource {
    private struct State {
        var nanoseconds: UInt64 = 1_000_000_000
        /// 2026-01-01 00:00 UTC, when the monotonic clock stood at 0.
        var wallStart: Int64 = 1_767_225_600_000
    }

    private let state = Mutex(State())

    /// Clocks one second after the start of the world.
    public init() {}

    /// The clock that never goes back.
    public var monotonicNanoseconds: UInt64 { state.withLock { $0.nanoseconds } }

    /// The time of day.
    public var wallMilliseconds: Int64 {
        state.withLock { $0.wallStart + Int64($0.nanoseconds / 1_000_000) }
    }

    /// Moves both clocks on.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "time does not go back")
        advance(nanoseconds: duration.wholeNanoseconds)
    }

    /// Sets the time of day on or back, as a user or a time service does.
    public func jumpWall(byMilliseconds milliseconds: Int64) {
        state.withLock { $0.wallStart += milliseconds }
    }

    func advance(nanoseconds: UInt64) { state.withLock { $0.nanoseconds += nanoseconds } }

    func advance(to nanoseconds: UInt64) {
        state.withLock { $0.nanoseconds = max($0.nanoseconds, nanoseconds) }
    }
}
