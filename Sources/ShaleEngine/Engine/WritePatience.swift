internal import ShalePlatform
internal import Synchronization

/// How long one write waits for background work where it has to, all its waits together: counted from the first.
struct WritePatience {
    /// Nil is for ever.
    let limit: Duration?
    /// On the monotonic clock; 0 before the first wait.
    private var begin: UInt64 = 0

    init(_ limit: Duration?) { self.limit = limit }

    /// What is left of it at `now`, in nanoseconds; nil where there is no limit.
    mutating func left(at now: UInt64) -> Duration? {
        guard let limit else { return nil }
        if begin == 0 { begin = now }
        return max(.zero, limit - .nanoseconds(now - min(now, begin)))
    }

    /// What a write is told that has waited so long.
    var error: EngineError {
        EngineError(
            .overloaded,
            "Writes wait for flushes and compactions, this one for \(limit ?? .zero): nothing was written. "
                + "Try again soon, and write more slowly."
        )
    }
}

/// Gives a waiter the first of several answers; later ones are for nobody.
final class FirstAnswer<Answer: Sendable>: Sendable {
    private let waiter: Mutex<(@Sendable (Answer) -> Void)?>

    init(_ waiter: @escaping @Sendable (Answer) -> Void) { self.waiter = Mutex(waiter) }

    func give(_ answer: Answer) { waiter.withLock { $0.take() }?(answer) }
}
