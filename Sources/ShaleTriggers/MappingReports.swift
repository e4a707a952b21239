internal import Synchronization

/// What is known of a mapping that runs: how its last batch went, and how old what it read last was.
package final class MappingReports: Sendable {
    private struct State {
        var result = "No records processed"
        var lastRead: Int64?
    }

    private let state = Mutex(State())

    /// Nothing is known yet.
    package init() {}

    func noteSuccess() { state.withLock { $0.result = "OK" } }

    func note(problem: String) { state.withLock { $0.result = "PROBLEM: \(problem)" } }

    func note(lastRead milliseconds: Int64) {
        state.withLock { $0.lastRead = max($0.lastRead ?? milliseconds, milliseconds) }
    }

    /// How the last batch went, in the service's words.
    package var result: String { state.withLock { $0.result } }
    /// When the latest record that a function got was written; nil where none got any.
    package var lastReadMilliseconds: Int64? { state.withLock { $0.lastRead } }
}
