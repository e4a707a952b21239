internal import Synchronization

/// What is known of a mapping that runs: how its last batch went, and how old what it read last was.
package final class MappingReports: Sendable {
    private struct State {
        var result = "No records processed"
        var lastRead: Int64?
        /// The oldest record that is being worked on, by shard.
        var oldest: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    /// Nothing is known yet.
    package init() {}

    func noteSuccess() { state.withLock { $0.result = "OK" } }

    func note(problem: String) { state.withLock { $0.result = "PROBLEM: \(problem)" } }

    func note(lastRead milliseconds: Int64) {
        state.withLock { $0.lastRead = max($0.lastRead ?? milliseconds, milliseconds) }
    }

    /// A batch is worked on, whose oldest record was written then.
    func begin(_ shard: String, oldest milliseconds: Int64?) {
        state.withLock { $0.oldest[shard] = milliseconds }
    }

    /// It is done.
    func end(_ shard: String) { state.withLock { $0.oldest[shard] = nil } }

    /// How old the oldest record is that a function has and has not done, in milliseconds; 0 where there is none.
    package func iteratorAge(now: Int64) -> Int64 {
        state.withLock { $0.oldest.values.min().map { max(0, now - $0) } ?? 0 }
    }

    /// How the last batch went, in the service's words.
    package var result: String { state.withLock { $0.result } }
    /// When the latest record that a function got was written; nil where none got any.
    package var lastReadMilliseconds: Int64? { state.withLock { $0.lastRead } }
}
