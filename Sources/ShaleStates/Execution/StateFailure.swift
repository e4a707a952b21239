internal import OrderedCollections
internal import ShaleJSON

/// Why a state failed: what retriers and catchers look at, and what a failed execution says.
struct StateFailure: Error, Equatable, Sendable {
    /// Who says so, which decides on the text of the cause and on the events.
    enum Origin: Equatable, Sendable {
        /// Somebody else: a task, a Fail state, an execution. The cause stays as it is.
        case reported
        /// The state itself; its name and the event of its start are put before the cause.
        case machine
        /// An expression of the state, in the field that is named; also an event of its own.
        case evaluation(location: String?)
        /// As `machine`, but the cause stays as it is.
        case limit
    }

    var error: String?
    var cause: String?
    var origin: Origin

    init(error: String?, cause: String?, origin: Origin = .reported) {
        self.error = error
        self.cause = cause
        self.origin = origin
    }

    static let runtimeError = "States.Runtime"
    static let dataLimitError = "States.DataLimitExceeded"

    /// What no retrier and no catcher sees: the whole execution fails.
    static func runtime(_ cause: String) -> StateFailure {
        StateFailure(error: runtimeError, cause: cause, origin: .machine)
    }

    static func evaluation(_ cause: String, at location: String?) -> StateFailure {
        StateFailure(
            error: "States.QueryEvaluationError",
            cause: cause,
            origin: .evaluation(location: location)
        )
    }

    static func tooLarge(_ state: String) -> StateFailure {
        StateFailure(
            error: dataLimitError,
            cause: "The state/task '\(state)' returned a result with a size exceeding the maximum"
                + " number of bytes service limit.",
            origin: .limit
        )
    }

    static func pathNotFound(_ path: String, field: String, input: JSONValue) -> StateFailure {
        .runtime(
            "The JSONPath '\(path)' specified for the field '\(field)' could not be found in the"
                + " input '\(input.json)'"
        )
    }

    static func timedOut() -> StateFailure { StateFailure(error: "States.Timeout", cause: nil) }

    static func heartbeatMissed() -> StateFailure {
        StateFailure(error: "States.HeartbeatTimeout", cause: nil)
    }

    /// What catchers hand on, as the data of the next state or a part of it.
    var output: JSONValue {
        var members = JSONObject()
        if let error { members["Error"] = .string(error) }
        if let cause { members["Cause"] = .string(cause) }
        return .object(members)
    }

    /// Whether one of the names that a retrier or a catcher lists is that of this failure.
    ///
    /// `States.ALL` is every failure but two, `States.TaskFailed` every one but a time-out, `States.Timeout` a
    /// missed heartbeat too. No name matches `States.Runtime`.
    func matches(_ names: [String]) -> Bool {
        guard error != Self.runtimeError else { return false }
        return names.contains { name in
            switch name {
            case "States.ALL": error != Self.dataLimitError
            case "States.TaskFailed":
                error != "States.Timeout" && error != Self.dataLimitError
            case "States.Timeout": error == "States.Timeout" || error == "States.HeartbeatTimeout"
            default: name == error
            }
        }
    }
}
