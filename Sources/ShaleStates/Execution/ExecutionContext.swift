package import ShaleJSON
internal import OrderedCollections

/// What stays the same for as long as an execution lives; its runner keeps it beside the state.
package struct ExecutionContext: Sendable {
    /// The ARN and the name of the execution.
    package let id: String
    package let name: String
    /// The ARN and the name of its state machine.
    package let machineID: String
    package let machineName: String
    package let roleARN: String
    /// The input, as the caller wrote it and as it was read.
    package let inputText: String
    package let input: JSONValue
    /// Milliseconds since 1970.
    package let startTime: Int64
    /// Whether the history may have 25,000 events only, as those of STANDARD executions.
    package let limitsHistory: Bool
    /// How long the execution may take, in seconds, whatever its machine says; nil for no limit.
    package var maximumSeconds: Int?
    /// Whether the context object tells how often it was taken up again: executions whose caller waits do not.
    package var tellsRedrives = true
    /// More members for the details of `ExecutionStarted`, such as `stateMachineVersionArn`.
    package let startedDetails: JSONObject

    /// - Throws: where the input is no JSON.
    package init(
        id: String,
        name: String,
        machineID: String,
        machineName: String,
        roleARN: String,
        input: String,
        startTime: Int64,
        limitsHistory: Bool = true,
        startedDetails: JSONObject = [:]
    ) throws(JSONError) {
        self.id = id
        self.name = name
        self.machineID = machineID
        self.machineName = machineName
        self.roleARN = roleARN
        self.inputText = input
        self.input = try JSONParser.value(of: input)
        self.startTime = startTime
        self.limitsHistory = limitsHistory
        self.startedDetails = startedDetails
    }

    /// Region and account, as the ARN of the machine has them.
    var regionAndAccount: (region: String, account: String) {
        let parts = machineID.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 4 else { return ("", "") }
        return (String(parts[3]), String(parts[4]))
    }
}

/// What makes up the context object of one state: `$$` and `$states.context`.
struct StateContext {
    let execution: ExecutionContext
    let redriveCount: Int
    let stateName: String
    let enteredTime: Int64
    /// How often the state was tried again, for those that can be.
    let retryCount: Int?
    var taskToken: String?
    var item: MapItem?
    /// What a test of the state is given instead.
    var given: JSONObject?

    /// The object; made anew each time, of shared parts.
    var value: JSONValue {
        var object = given ?? whole
        if let item {
            object["Map"] = .object([
                "Item": .object(["Index": .integer(Int64(item.index)), "Value": item.value])
            ])
        }
        if let taskToken { object["Task"] = .object(["Token": .string(taskToken)]) }
        return .object(object)
    }

    private var whole: JSONObject {
        var state: JSONObject = [
            "Name": .string(stateName),
            "EnteredTime": .string(Timestamp.text(of: enteredTime)),
        ]
        if let retryCount { state["RetryCount"] = .integer(Int64(retryCount)) }
        var told: JSONObject = [
            "Id": .string(execution.id),
            "Input": execution.input,
            "StartTime": .string(Timestamp.text(of: execution.startTime)),
            "Name": .string(execution.name),
            "RoleArn": .string(execution.roleARN),
        ]
        if execution.tellsRedrives { told["RedriveCount"] = .integer(Int64(redriveCount)) }
        return [
            "Execution": .object(told),
            "StateMachine": .object([
                "Id": .string(execution.machineID),
                "Name": .string(execution.machineName),
            ]),
            "State": .object(state),
        ]
    }
}

/// The item that an iteration of a Map state is about.
struct MapItem: Sendable, Equatable {
    let index: Int
    let value: JSONValue
}
