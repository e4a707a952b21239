/// Spreads what compactions write over time: a rate that the user has chosen, in small steps.
///
/// Nothing is saved up: after a pause the rate is the same. Debt lets compactions go faster, without bound
/// towards a debt of 1, so that a rate that is too low slows writers down but never stops them. Flushes are
/// charged to the same account and do not wait.
///
/// A pure value: whoever calls it brings the clock, and does the waiting.
struct BackgroundPace: Sendable {
    /// No single pause is longer, in nanoseconds: debt may have grown meanwhile, so who waited asks again.
    static let longestPause: UInt64 = 100_000_000

    /// When what was charged so far is worked off, in nanoseconds of the caller's clock.
    private var free: UInt64 = 0

    /// How long the next step waits after one that ended at `now` and wrote `bytes`.
    ///
    /// `rate` is in bytes a second; 0 is no limit. `debt` goes from 0 to 1.
    mutating func pause(at now: UInt64, bytes: Int, rate: Int, debt: Double = 0) -> UInt64 {
        guard rate > 0, debt < 1 else {
            free = 0
            return 0
        }
        let nanoseconds = Double(max(0, bytes)) * 1e9 * (1 - debt) / Double(rate)
        // The step's own time counts.
        free = max(free &+ UInt64(min(nanoseconds, 1e15)), now)
        return min(free - now, Self.longestPause)
    }
}
