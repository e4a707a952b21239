internal import Synchronization

/// Lets those who change one thing do so one after another, in the order in which they came.
///
///     await turns.enter(name)
///     defer { turns.leave(name) }
///
/// Whoever waits holds no thread. Not for calls within calls: a second `enter` of the same task never ends.
package final class Turns: Sendable {
    /// By name: those who wait; present as long as somebody has the turn.
    private let waiting = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

    /// Nobody has a turn.
    package init() {}

    /// Waits for the turn.
    package func enter(_ name: String) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[name] != nil else {
                    waiting[name] = []
                    return true
                }
                waiting[name]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives the turn to whoever has waited longest.
    package func leave(_ name: String) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting[name]?.isEmpty == false else {
                waiting[name] = nil
                return nil
            }
            return waiting[name]?.removeFirst()
        }
        next?.resume()
    }
}
