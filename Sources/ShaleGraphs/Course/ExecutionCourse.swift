/// What happened to an execution, state by state.
///
/// A **visit** is one stay in a state: states in loops and in iterations of a Map have many. Visits stand in the
/// order in which they began. Times are milliseconds since 1970.
package struct ExecutionCourse: Sendable {
    /// Inside of which stay in a Parallel or Map a visit happened.
    package struct Container: Sendable, Equatable {
        package let visit: Int
        /// The number of the branch or of the iteration, from 0.
        package let index: Int
    }

    /// One try of a Task, or of a whole Parallel or Map.
    package struct Attempt: Sendable {
        package let started: Int64
        package internal(set) var ended: Int64?
        package internal(set) var outcome = Outcome.running
        package internal(set) var error: String?
        package internal(set) var cause: String?
    }

    package struct Visit: Sendable {
        package let state: Int
        package let container: Container?
        package let entered: Int64
        package internal(set) var exited: Int64?
        /// The last that was heard of it.
        package internal(set) var lastSeen: Int64
        package internal(set) var outcome = Outcome.running
        package internal(set) var input: String?
        package internal(set) var output: String?
        package internal(set) var attempts: [Attempt] = []
        package internal(set) var error: String?
        package internal(set) var cause: String?
        /// The iterations of an inline Map by their numbers.
        package internal(set) var iterations: [Int: Outcome] = [:]
        /// The run of a distributed Map.
        package internal(set) var mapRunARN: String?
        /// The visit that it led to.
        package internal(set) var next: Int?
        var isAborted = false
        /// Whether the last that happened to it was a failure.
        var hasFailed = false

        /// How long it took, or takes until `now`, in milliseconds.
        package func milliseconds(at now: Int64) -> Int64 {
            let end = exited ?? (outcome == .running ? now : lastSeen)
            return max(0, end - entered)
        }
    }

    package let graph: StateGraph
    package internal(set) var visits: [Visit] = []
    /// How often each transition of the graph was taken, by its number.
    package internal(set) var taken: [Int]

    /// How the runs of distributed Maps stand, by their resource names; no history tells it.
    package var mapRuns: [String: MapRunSummary] = [:]

    /// What child executions did; no history tells it either.
    package internal(set) var children = ChildOutcomes()

    /// The run of a distributed Map that a visit started.
    func mapRun(of visit: Visit) -> MapRunSummary? { visit.mapRunARN.flatMap { mapRuns[$0] } }

    /// The visits of one state.
    package func visits(of state: Int) -> [Visit] { visits.filter { $0.state == state } }

    /// What is told of a state that may have many visits: the worst, and running before all.
    ///
    /// Of one in child executions it is the worst that it had in any of them.
    package func outcome(of state: Int) -> Outcome {
        let outcomes = Set(visits(of: state).map(\.outcome))
        if outcomes.isEmpty, let outcome = children.outcome(of: state) { return outcome }
        return Outcome.bySeverity.first(where: outcomes.contains) ?? .notReached
    }

    /// Whether a state runs in executions of their own, whose histories are not this one.
    package func isElsewhere(_ state: Int) -> Bool {
        var next = graph.scopes[graph.states[state].scope].owner
        while let owner = next {
            if graph.states[owner].isDistributed { return true }
            next = graph.scopes[graph.states[owner].scope].owner
        }
        return false
    }

    /// How many Parallels and Maps a visit stands in.
    package func depth(of visit: Visit) -> Int {
        var depth = 0
        var next = visit.container
        while let container = next {
            depth += 1
            next = visits[container.visit].container
        }
        return depth
    }
}
