internal import OrderedCollections
package import ShaleJSON
internal import ShaleStates

// Executions that tasks start: `states:startExecution`, `.sync`, `.sync:2`.

extension Executions {
    /// The machine and the name of the execution that a task starts: the same each time it is handed over.
    static func nestedKey(_ task: OpenTask) -> ExecutionKey {
        let arn = task.arguments["StateMachineArn"]?.text ?? ""
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        let machine = parts.count > 6 ? String(parts[6]) : ""
        let name = task.arguments["Name"]?.text ?? Self.name(from: task.identity)
        return ExecutionKey(machine: machine, name: name, isExpress: false)
    }

    /// A text of the form of a UUID that stands for another text: two hashes (FNV-1a) of it.
    static func name(from text: String) -> String {
        var digits = ""
        for seed: UInt64 in [0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15] {
            let hash = text.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            let hex = String(hash, radix: 16)
            digits += String(repeating: "0", count: 16 - hex.utf8.count) + hex
        }
        var name = ""
        for (place, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(place) { name += "-" }
            name.append(digit)
        }
        return name
    }

    func startNested(_ task: OpenTask, of key: String) async -> TaskOutcome {
        guard task.resource.resource.split(separator: ".").first == "startExecution" else {
            return .notStarted(
                error: "States.Runtime",
                cause: "The action \(task.resource.resource) of states is not supported."
            )
        }
        do throws(StatesError) {
            let machine = try await machines.resolve(task.arguments["StateMachineArn"]?.text ?? "")
            let isJob = task.resource.pattern == .job
            guard machine.kind == .standard || !isJob else {
                throw StatesError(
                    .stateMachineTypeNotSupported,
                    "An EXPRESS state machine cannot be waited for: use startExecution."
                )
            }
            let nested = Self.nestedKey(task)
            var start = Start(machine, name: nested.name, input: Self.input(of: task))
            start.starter = task.identity
            if isJob {
                start.parent = Self.parent(task, of: key)
            }
            let record = try await begin(start)
            let output = submission(of: record)
            return isJob || task.resource.pattern == .token
                ? .submitted(output) : .succeeded(output)
        } catch {
            if error.code == .failed { return .later }
            return .failed(
                error: "StepFunctions.\(error.code.exceptionName)",
                cause: "\(error.message) (Service: AWSStepFunctions; Status Code: 400; Error Code: "
                    + "\(error.code.rawValue); Request ID: \(Self.name(from: task.identity)))"
            )
        }
    }

    /// Who waits for a nested execution: the task of an execution.
    static func parent(_ task: OpenTask, of key: String) -> ExecutionRecord.Parent {
        ExecutionRecord.Parent(
            execution: key,
            task: task.task.number,
            tellsData: task.resource.resource.hasSuffix(".sync:2")
        )
    }

    /// Lets a task wait for an execution that somebody else has started.
    ///
    /// - Throws: `.failed`.
    func wait(
        _ parent: ExecutionRecord.Parent,
        for key: ExecutionKey
    ) async throws(StatesError) {
        try await post(to: key.text) { live, _ in
            if live.record.status == .running, !live.record.waiters.contains(parent) {
                live.record.waiters.append(parent)
            }
            return nil
        }
        // It may have ended before it was told that somebody waits.
        guard let record = try await record(key.text), record.status != .running else { return }
        tell(parent, record, output: try await output(of: record))
    }

    /// The input of a nested execution: a text as it is, data as JSON.
    private static func input(of task: OpenTask) -> String {
        guard let input = task.arguments["Input"] else { return "{}" }
        return input.text ?? input.json
    }

    /// What starting a nested execution answers.
    func submission(of record: ExecutionRecord) -> JSONValue {
        .object(
            ServiceAnswer.withMetadata(
                [
                    "ExecutionArn": .string(arn(record.key)),
                    "StartDate": .integer(record.start),
                ],
                identity: Self.name(from: arn(record.key))
            )
        )
    }

    /// What the end of a nested execution is for the task that waits for it, or of a child for its Map run.
    func nestedOutcome(
        _ record: ExecutionRecord,
        output: String?,
        _ parent: ExecutionRecord.Parent
    ) -> TaskOutcome {
        if parent.index != nil {
            guard record.status == .succeeded else {
                return .failed(error: record.error ?? Self.fallback(record), cause: record.cause)
            }
            return .succeeded(Self.data(output ?? "null"))
        }
        var description: JSONObject = ["ExecutionArn": .string(arn(record.key))]
        if let error = record.error { description["Error"] = .string(error) }
        if let cause = record.cause { description["Cause"] = .string(cause) }
        let isIncluded = JSONValue.object(["Included": .bool(true)])
        description["Input"] =
            parent.tellsData ? Self.data(record.input) : .string(record.input)
        description["InputDetails"] = isIncluded
        description["Name"] = .string(record.key.givenName)
        if let output {
            description["Output"] = parent.tellsData ? Self.data(output) : .string(output)
        }
        description["OutputDetails"] = isIncluded
        description["StartDate"] = .integer(record.start)
        description["StateMachineArn"] = .string(record.machineARN)
        description["Status"] = .string(record.status.rawValue)
        description["StopDate"] = .integer(record.stop ?? record.start)
        guard record.status != .succeeded else { return .succeeded(.object(description)) }
        return .failed(error: "States.TaskFailed", cause: JSONValue.object(description).json)
    }

    private static func fallback(_ record: ExecutionRecord) -> String {
        record.status == .timedOut ? "States.Timeout" : "States.TaskFailed"
    }

    /// A text as data; as it is where it is no JSON.
    private static func data(_ text: String) -> JSONValue {
        do throws(JSONError) { return try JSONParser.value(of: text) } catch {
            return .string(text)
        }
    }
}

/// What answers of services bring along.
package enum ServiceAnswer {
    /// Members, with those that the service adds about the call itself.
    package static func withMetadata(_ members: JSONObject, identity: String) -> JSONObject {
        var members = members
        members["SdkHttpMetadata"] = .object([
            "AllHttpHeaders": .object(["x-amzn-RequestId": .array([.string(identity)])]),
            "HttpHeaders": .object(["x-amzn-RequestId": .string(identity)]),
            "HttpStatusCode": .integer(200),
        ])
        members["SdkResponseMetadata"] = .object(["RequestId": .string(identity)])
        return members
    }
}
