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
    /// What the client called the last redrive.
    var redriveToken: String?
    /// Of a child of a Map run: for which redrive of the run's execution it was begun, or taken up again, last.
    var round = 0
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
            name: key.givenName,
            machineID: machineARN,
            machineName: machineName,
            roleARN: roleARN,
            input: input,
            startTime: start,
            limitsHistory: !key.isExpress,
            startedDetails: details
        )
        context.maximumSeconds = key.isExpress ? Self.expressSeconds : Self.standardSeconds
        context.tellsRedrives = !isSynchronous
        return context
    }

    /// How long an execution of an EXPRESS machine may take.
    private static let expressSeconds = 300
    /// How long one of a STANDARD machine may take: a year.
    private static let standardSeconds = 365 * 86_400

    /// Its item, of which `init` reads the attributes.
    func written() -> WrittenItem {
        var item = ItemWriter(reservingCapacity: Self.itemBytes + input.utf8.count)
        item.set("alias", aliasARN)
        item.set("arn", machineARN)
        item.set("cause", cause)
        item.set("error", error)
        item.set(ExecutionStore.partitionName, key.text)
        item.set("express", key.isExpress)
        item.set("identity", machineIdentity)
        item.set("input", isInputApart ? nil : input)
        item.set("items", itemCount == 1 ? nil : Int64(itemCount))
        item.set("log", logging.map { .map($0.item) })
        item.set("machine", machineName)
        item.set("mapRun", mapRunARN)
        item.set("output", output)
        item.set("parent", parent.map { .map($0.item) })
        item.set("pieces", Int64(statePieces))
        item.set("redriven", redriven)
        item.set("redrives", Int64(redrives))
        item.set("redriveToken", redriveToken)
        item.set("revision", revision)
        item.set("role", roleARN)
        item.set("round", round == 0 ? nil : Int64(round))
        item.set("scope", Int64(scope))
        item.set("start", start)
        item.set("starter", starter)
        item.set("state", state)
        item.set("status", status.rawValue)
        item.set("stop", stop)
        if isSynchronous { item.set("sync", true) }
        item.set("timers", timers.isEmpty ? nil : .map(timerItem))
        item.set("trace", traceHeader)
        item.set("version", versionARN)
        item.set("waiters", waiters.isEmpty ? nil : .list(waiters.map { .map($0.item) }))
        item.set(ExecutionStore.sortName, ExecutionStore.recordName)
        return item.finished()
    }

    /// As many bytes has an item of a usual record, beside its input.
    private static let itemBytes = 1_024

    private var timerItem: Item {
        Item(
            array: timers.sorted { $0.key < $1.key }
                .map { (String($0.key), AttributeValue.number(Number($0.value))) }
        )
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
            redriveToken: text("redriveToken"),
            round: Int(number("round") ?? 0),
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
