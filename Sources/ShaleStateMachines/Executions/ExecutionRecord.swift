internal import OrderedCollections
internal import ShaleItems
internal import ShaleJSON
internal import ShaleStates

/// What is kept of an execution beside its state and its history.
struct ExecutionRecord: Sendable {
    /// Who waits for a nested execution, or for a child of a Map run.
    struct Parent: Sendable, Equatable {
        /// The key of the execution that waits.
        var execution: String
        /// Its task.
        var task: Int
        /// Which of a Map run's children it is; nil for a nested execution.
        var index: Int?
        /// Whether the output is told as data, as `.sync:2` does, and not as text.
        var tellsData = true
    }

    var key: ExecutionKey
    var machineName: String
    var machineARN: String
    /// `StateMachine.identity`.
    var machineIdentity: String?
    var versionARN: String?
    var aliasARN: String?
    var revision: String
    var roleARN: String
    var input: String
    /// Milliseconds since 1970-01-01 UTC, as all times here.
    var start: Int64
    var stop: Int64?
    var status = ExecutionStatus.running
    var error: String?
    var cause: String?
    var redrives = 0
    var redriven: Int64?
    /// Which part of the program it runs; 0 is the machine itself.
    var scope = 0
    var parent: Parent?
    /// Tasks that found it by its name, started by somebody else, and wait for its end too.
    var waiters: [Parent] = []
    /// The task that started it, or the Map run; nil where a user did.
    var starter: String?
    var mapRunARN: String?
    var traceHeader: String?
    /// How many items of a Map run its input holds.
    var itemCount = 1
    /// Whether its caller waits for its end.
    var isSynchronous = false
    /// What of its events is logged; nil is nothing.
    var logging: ExecutionLogging?
    /// Its state, where that is small; a large one is in items of its own.
    var state: [UInt8]?
    /// How many items of the store its state has.
    var statePieces = 0
    /// What it ended with, where it succeeded and that is small; a large one is an item of its own.
    var output: String?
    /// When the timers are due that it waits for, by their numbers.
    var timers: [Int: Int64] = [:]
}

extension ExecutionRecord {
    /// Bytes of an input or an output that is kept in the record itself, which is written at each step.
    private static let smallBytes = 1_024
    /// Bytes of a state that is kept in the record: an item of its own would cost more.
    static let smallStateBytes = 4_096

    /// `StateMachine.group`.
    var machineGroup: String { MachineFormat.group(machineName, machineIdentity) }

    /// Whether the input has an item of its own.
    var isInputApart: Bool { !Self.isSmall(input) }

    /// Whether an input or an output is kept in the record itself.
    static func isSmall(_ text: String) -> Bool { text.utf8.count <= smallBytes }

    /// What the interpreter has to know of it.
    func context(
        region: String,
        account: String
    ) throws(JSONError) -> ExecutionContext {
        var details = JSONObject()
        if let versionARN { details["stateMachineVersionArn"] = .string(versionARN) }
        if let aliasARN { details["stateMachineAliasArn"] = .string(aliasARN) }
        var context = try ExecutionContext(
            id: key.arn(region: region, account: account),
            name: key.name,
            machineID: machineARN,
            machineName: machineName,
            roleARN: roleARN,
            input: input,
            startTime: start,
            limitsHistory: !key.isExpress,
            startedDetails: details
        )
        if key.isExpress { context.maximumSeconds = Self.expressSeconds }
        context.tellsRedrives = !isSynchronous
        return context
    }

    /// How long an execution of an EXPRESS machine may take.
    private static let expressSeconds = 300

    /// The attributes of its item.
    var fields: Item {
        var item: Item = [
            "machine": .string(machineName), "arn": .string(machineARN),
            "revision": .string(revision), "role": .string(roleARN),
            "start": .number(Number(start)), "status": .string(status.rawValue),
            "express": .bool(key.isExpress), "redrives": .number(Number(redrives)),
            "scope": .number(Number(scope)), "pieces": .number(Number(statePieces)),
        ]
        func set(_ name: String, _ text: String?) { if let text { item[name] = .string(text) } }
        func set(_ name: String, _ number: Int64?) {
            if let number { item[name] = .number(Number(number)) }
        }
        set("input", isInputApart ? nil : input)
        set("output", output)
        if let state { item["state"] = .binary(state) }
        set("identity", machineIdentity)
        set("version", versionARN)
        set("alias", aliasARN)
        set("stop", stop)
        set("error", error)
        set("cause", cause)
        set("redriven", redriven)
        set("starter", starter)
        set("mapRun", mapRunARN)
        set("trace", traceHeader)
        if itemCount != 1 { item["items"] = .number(Number(itemCount)) }
        if isSynchronous { item["sync"] = true }
        item["log"] = logging.map { .map($0.item) }
        item["parent"] = parent.map { .map($0.item) }
        if !waiters.isEmpty { item["waiters"] = .list(waiters.map { .map($0.item) }) }
        if !timers.isEmpty {
            item["timers"] = .map(
                Item(
                    timers.sorted { $0.key < $1.key }
                        .map { (String($0.key), AttributeValue.number(Number($0.value))) }
                )
            )
        }
        return item
    }

    /// Reads an item; nil where it is none of an execution.
    init?(_ item: Item) {
        func text(_ name: String) -> String? { item[name]?.stringValue }
        func number(_ name: String) -> Int64? {
            item[name]?.numberValue?.intValue.map { Int64($0) }
        }
        guard let execution = text(ExecutionStore.partitionName),
            let key = ExecutionKey(text: execution, isExpress: item["express"] == true),
            let machine = text("machine"), let arn = text("arn"), let revision = text("revision"),
            let role = text("role"), let start = number("start"),
            let status = text("status").flatMap({ ExecutionStatus(rawValue: $0) })
        else { return nil }
        self.init(
            key: key,
            machineName: machine,
            machineARN: arn,
            machineIdentity: text("identity"),
            versionARN: text("version"),
            aliasARN: text("alias"),
            revision: revision,
            roleARN: role,
            input: text("input") ?? "",
            start: start,
            stop: number("stop"),
            status: status,
            error: text("error"),
            cause: text("cause"),
            redrives: Int(number("redrives") ?? 0),
            redriven: number("redriven"),
            scope: Int(number("scope") ?? 0),
            parent: Parent(item["parent"]?.mapValue),
            waiters: (item["waiters"]?.listValue ?? []).compactMap { Parent($0.mapValue) },
            starter: text("starter"),
            mapRunARN: text("mapRun"),
            traceHeader: text("trace"),
            itemCount: Int(number("items") ?? 1),
            isSynchronous: item["sync"] == true,
            logging: ExecutionLogging(item["log"]?.mapValue),
            state: item["state"]?.binaryValue,
            statePieces: Int(number("pieces") ?? 0),
            output: text("output")
        )
        for (name, value) in item["timers"]?.mapValue ?? [:] {
            guard let timer = Int(name), let due = value.numberValue?.intValue else { continue }
            timers[timer] = Int64(due)
        }
    }
}

extension ExecutionRecord.Parent {
    fileprivate var item: Item {
        var item: Item = [
            "execution": .string(execution), "task": .number(Number(task)),
            "data": .bool(tellsData),
        ]
        if let index { item["index"] = .number(Number(index)) }
        return item
    }

    fileprivate init?(_ item: Item?) {
        guard let item, let execution = item["execution"]?.stringValue,
            let task = item["task"]?.numberValue?.intValue
        else { return nil }
        self.init(
            execution: execution,
            task: task,
            index: item["index"]?.numberValue?.intValue,
            tellsData: item["data"] != false
        )
    }
}
