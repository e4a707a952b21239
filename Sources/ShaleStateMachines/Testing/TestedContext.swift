internal import OrderedCollections
internal import ShaleJSON
internal import ShaleStates

/// The context object that a test is given: which members it may have, and of which types.
enum TestedContext {
    private static let texts: [String: [String]] = [
        "Execution": ["Id", "Name", "RoleArn", "StartTime", "RedriveTime"],
        "State": ["EnteredTime", "Name"], "StateMachine": ["Id", "Name"], "Task": ["Token"],
    ]
    private static let numbers: [String: [String]] = [
        "Execution": ["RedriveCount"], "State": ["RetryCount"],
    ]

    /// Reads a context object.
    ///
    /// - Throws: `.validation`.
    static func check(_ text: String, of state: TestedState) throws(StatesError) -> JSONObject {
        let words = "Invalid Context object provided: must be a JSON object"
        let context = try StateTestRules.object(text, words)
        for (name, value) in context {
            if name == "Map" {
                throw refused("'Map' field is not supported when mocking a Context object")
            }
            guard let texts = texts[name] else { throw refused("Field '\(name)' is not allowed") }
            if name == "Task", state.resource?.waits != true {
                throw refused(
                    "Context object contains 'Task' when state is not a Task state with a '.sync' "
                        + "or '.waitForTaskToken' service integration pattern"
                )
            }
            guard let members = value.members else { throw refused("\(name) must be an object") }
            try check(members, of: name, texts)
        }
        return context
    }

    private static func check(
        _ members: JSONObject,
        of name: String,
        _ texts: [String]
    ) throws(StatesError) {
        for (member, value) in members {
            if texts.contains(member) {
                guard value.text != nil else {
                    throw refused("\(name).\(member) must be a string")
                }
            } else if numbers[name]?.contains(member) == true {
                guard value.number != nil else {
                    throw refused("\(name).\(member) must be a number")
                }
            } else if (name, member) != ("Execution", "Input") {
                throw refused("Field '\(member)' is not allowed")
            }
        }
    }

    private static func refused(_ reason: String) -> StatesError {
        StateTestRules.refused("Invalid Context object provided: \(reason)")
    }
}

extension TaskResource {
    /// Whether the end of the task is told otherwise than by an answer.
    fileprivate var waits: Bool { pattern != .response || kind == .activity }
}
