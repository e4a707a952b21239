internal import OrderedCollections
internal import ShaleItems
package import ShaleJSON
package import ShalePlatform
package import ShaleStates

/// A task that was handed over, or is to be: what is needed to do so again after a crash.
///
///     $executions   what    S   work#000000000001: the number of the task
///                   bytes   B   JSON: resource, arguments, token, child
package struct OpenTask: Sendable {
    /// The execution's ARN.
    package let execution: String
    /// Its number there.
    package let task: TaskID
    package let resource: TaskResource
    package let arguments: JSONValue
    package let token: String?
    /// The key of the nested execution that was started and is waited for.
    var child: String?
    /// Whether a state is tested, so that nothing is kept of the task and a write leaves no mark.
    var isTest = false

    /// What the task is known by to whom it is handed over; the same each time.
    package var identity: String { "\(execution)#\(task.number)" }
}

extension OpenTask {
    init(_ request: TaskRequest, of execution: String) {
        self.init(
            execution: execution,
            task: request.id,
            resource: request.resource,
            arguments: request.arguments,
            token: request.token
        )
    }

    static let prefix = "work#"

    static func what(_ task: TaskID) -> String { prefix + ExecutionStore.padded(task.number, 12) }

    /// The item.
    func item(_ key: String) -> Item {
        var members: JSONObject = ["resource": .string(resource.arn), "arguments": arguments]
        if let token { members["token"] = .string(token) }
        if let child { members["child"] = .string(child) }
        var item = ExecutionStore.key(key, Self.what(task))
        item["bytes"] = .binary(JSONValue.object(members).encoded())
        return item
    }

    /// Reads an item; nil where it is none.
    init?(_ item: Item, of execution: String) {
        guard let what = item["what"]?.stringValue, let bytes = item["bytes"]?.binaryValue,
            let number = Int(what.dropFirst(Self.prefix.count))
        else { return nil }
        let value: JSONValue
        do throws(JSONError) {
            var parser = JSONParser(bytes)
            value = try parser.wholeText()
        } catch {
            return nil
        }
        guard let resource = value["resource"]?.text.flatMap({ TaskResource(arn: $0) }),
            let arguments = value["arguments"]
        else { return nil }
        self.init(
            execution: execution,
            task: TaskID(number),
            resource: resource,
            arguments: arguments,
            token: value["token"]?.text,
            child: value["child"]?.text
        )
    }
}

/// What came of handing a task over.
package enum TaskOutcome: Sendable {
    case succeeded(JSONValue)
    case failed(error: String?, cause: String?)
    /// What should do it has too much to do, and has not begun: a failure, but of a call that is made again behind a crash.
    case busy(error: String?, cause: String?)
    /// It could not be handed over.
    case notStarted(error: String?, cause: String?)
    /// It is under way; somebody tells its end with its token.
    case submitted(JSONValue)
    /// What should do it cannot at the moment: to be tried again.
    case later
}

/// What tasks call: functions, operations of tables.
package protocol TaskCaller: Sendable {
    /// Hands a task over, and waits for its answer.
    ///
    /// It can be asked twice for one task, if a crash comes between.
    func call(_ task: OpenTask) async -> TaskOutcome
    /// The bucket of a name, for items and results of distributed Maps; nil where there is none.
    func bucket(_ name: String) -> (any Bucket)?
    /// The operations of tables that tasks may name, as `query`.
    var tableActions: Set<String> { get }
}

extension TaskCaller {
    /// None.
    package var tableActions: Set<String> { [] }
}
