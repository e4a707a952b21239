internal import OrderedCollections
internal import ShaleJSON
internal import ShaleStates

/// What one child of a Map run has come to, as a ResultWriter tells it.
struct ChildResult: Sendable {
    let execution: ExecutionDescription
    /// The output; nil where it failed, or has not ended.
    let output: JSONValue?
    /// Whether it has ended.
    let isDone: Bool

    /// Which file it stands in.
    var file: String { output != nil ? "SUCCEEDED" : isDone ? "FAILED" : "PENDING" }

    /// With everything that is known of the execution: `Transformation` `NONE`.
    ///
    /// Members and their names are those of the service's files.
    var described: JSONValue {
        let included = JSONValue.object(["Included": .bool(true)])
        var members: JSONObject = ["ExecutionArn": .string(execution.arn)]
        members["Input"] = .string(execution.input)
        members["InputDetails"] = included
        members["Name"] = .string(execution.name)
        if let output {
            members["Output"] = .string(output.json)
            members["OutputDetails"] = included
        } else {
            members["Error"] = execution.error.map { .string($0) }
            members["Cause"] = execution.cause.map { .string($0) }
        }
        members["RedriveCount"] = .integer(Int64(execution.redriveCount))
        members["RedriveStatus"] = .string(execution.redriveStatus)
        members["RedriveStatusReason"] = execution.redriveObstacle.map { .string($0) }
        members["StartDate"] = .string(Timestamp.text(of: execution.startMilliseconds))
        members["StateMachineArn"] = .string(execution.machineARN)
        members["Status"] = .string(execution.status.rawValue)
        members["StopDate"] = execution.stopMilliseconds.map { .string(Timestamp.text(of: $0)) }
        return .object(members)
    }
}

/// How a ResultWriter writes: its `WriterConfig`.
struct WriterConfiguration: Sendable {
    /// What is written of a child that succeeded; of one that failed it is always all.
    enum Transformation: String, Sendable, CaseIterable {
        /// All that is known of the execution.
        case none = "NONE"
        /// The output.
        case compact = "COMPACT"
        /// The output; of one that is an array its elements.
        case flatten = "FLATTEN"
    }

    let transformation: Transformation
    /// Whether each result is a line of its own (`JSONL`) instead of an element of an array (`JSON`).
    let isLines: Bool

    /// Reads what a definition says; validation has refused other words.
    init(_ value: JSONValue) {
        let word = value["Transformation"]?.text ?? ""
        transformation = Transformation(rawValue: word) ?? .none
        isLines = value["OutputType"]?.text == "JSONL"
    }

    /// What is written of some children.
    func values(of children: [ChildResult]) -> [JSONValue] {
        children.flatMap { child in
            guard transformation != .none, let output = child.output else {
                return [child.described]
            }
            guard transformation == .flatten, let elements = output.elements else {
                return [output]
            }
            return Array(elements)
        }
    }

    /// The bytes of a file.
    func encoded(_ values: [JSONValue]) -> [UInt8] {
        guard isLines else { return JSONValue.array(values).encoded() }
        return values.flatMap { $0.encoded() + [0x0A] }
    }

    /// The end of the name of a file.
    var suffix: String { isLines ? "jsonl" : "json" }
}
