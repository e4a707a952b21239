internal import OrderedCollections
internal import ShaleJSON

/// An event of a history, as the service tells it.
struct CourseEvent {
    let id: Int
    let previous: Int
    let type: String
    /// Milliseconds since 1970.
    let time: Int64
    let details: JSONValue

    /// Nil where the value is no event.
    init?(_ event: JSONValue) {
        guard let id = event["id"]?.number, let type = event["type"]?.text else { return nil }
        self.id = Int(id)
        self.type = type
        previous = Int(event["previousEventId"]?.number ?? 0)
        time = Int64(((event["timestamp"]?.number ?? 0) * 1_000).rounded())
        let name = event.members?.keys.first { $0.hasSuffix("EventDetails") }
        details = name.flatMap { event[$0] } ?? .object([:])
    }

    /// The text of a member of the details.
    func text(_ name: String) -> String? { details[name]?.text }

    enum Kind {
        case entered, exited, evaluationFailed
        case forkStarted, forkEnded, iteration, mapRun
        case attemptBegan, attemptSucceeded, attemptFailed, stateAborted, other
        case executionEnded, redriven
    }

    /// What the event means for a course.
    var kind: Kind {
        switch type {
        case "ExecutionRedriven": .redriven
        case "EvaluationFailed": .evaluationFailed
        case "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut": .executionEnded
        case _ where type.hasPrefix("Execution"): .other
        case _ where type.hasPrefix("MapIteration"): .iteration
        case _ where type.hasPrefix("MapRun"): .mapRun
        case _ where type.hasSuffix("StateEntered"): .entered
        case _ where type.hasSuffix("StateExited"): .exited
        case _ where type.hasSuffix("StateStarted"): .forkStarted
        case _ where type.hasSuffix("StateAborted"): .stateAborted
        case _ where type.hasSuffix("StateSucceeded"): .forkEnded
        case _ where type.hasSuffix("StateFailed"): .forkEnded
        case _ where type.hasSuffix("Scheduled"): .attemptBegan
        case _ where type.hasSuffix("Succeeded"): .attemptSucceeded
        case _ where type.hasSuffix("Failed") || type.hasSuffix("TimedOut"): .attemptFailed
        default: .other
        }
    }

    /// The kind of state that the type begins with, as `Parallel`.
    var stateKind: String {
        String(type.prefix(upTo: type.firstRange(of: "State")?.lowerBound ?? type.endIndex))
    }
}
