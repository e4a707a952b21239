internal import OrderedCollections
internal import ShaleFunctions
internal import ShaleJSON
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleStateMachines
internal import ShaleStates
internal import ShaleTables
internal import ShaleWire

/// What tasks of executions call here: functions, and operations of tables, in this process.
///
///     arn:aws:lambda:…:function:NAME            the input is the event, the answer is the output
///     arn:aws:states:::lambda:invoke            FunctionName, Payload …; the answer is around the payload
///     arn:aws:states:::dynamodb:OPERATION       an operation of the API
///     arn:aws:states:::aws-sdk:dynamodb:…       the same, with nothing around its answer
struct TaskCalls: TaskCaller {
    /// Nil where the server runs no functions.
    let functions: Functions?
    let tables: Service
    /// Where writes of tasks are marked, so that each happens once.
    let marks: SystemTable

    /// The operations of tables as tasks name them: `query`.
    static let actions = Set(
        OperationRegistry.names.filter { !$0.contains(".") }
            .map { $0.prefix(1).lowercased() + $0.dropFirst() }
    )

    func call(_ task: OpenTask) async -> TaskOutcome {
        switch task.resource.resourceType {
        case "lambda": return await invoke(task)
        case "dynamodb", "aws-sdk:dynamodb": return await operate(task)
        default:
            return .notStarted(
                error: "States.Runtime",
                cause: "The resource \(task.resource.arn) is not supported by this server."
            )
        }
    }

    var tableActions: Set<String> { Self.actions }

    func bucket(_ name: String) -> (any Bucket)? { tables.buckets[name] }

    // MARK: Functions

    private func invoke(_ task: OpenTask) async -> TaskOutcome {
        let isPlain = task.resource.kind == .function
        let named = isPlain ? task.resource.arn : task.arguments["FunctionName"]?.text ?? ""
        let payload = isPlain ? task.arguments : task.arguments["Payload"] ?? .object([:])
        guard let functions else {
            return .notStarted(
                error: "Lambda.ResourceNotFoundException",
                cause: "This server runs no functions: start it with --functions."
            )
        }
        guard !named.isEmpty else {
            let error = FunctionError(
                .invalidParameter,
                "The field 'FunctionName' is required but was missing"
            )
            return Self.failure(error, Executions.identity(of: task))
        }
        let (name, qualifier) = Self.function(named, task.arguments["Qualifier"]?.text)
        let identity = Executions.identity(of: task)
        do throws(FunctionError) {
            if task.arguments["InvocationType"]?.text == "Event", !isPlain {
                try await functions.take(
                    name,
                    qualifier,
                    payload: payload.encoded(),
                    clientContext: task.arguments["ClientContext"]?.text,
                    identity: identity
                )
                return .succeeded(Self.answer([:], status: 202, identity))
            }
            let answer = try await functions.invoke(
                name,
                qualifier,
                payload: payload.encoded(),
                clientContext: isPlain ? nil : task.arguments["ClientContext"]?.text,
                requestID: identity
            )
            return outcome(answer, of: task, identity)
        } catch {
            return Self.failure(error, identity)
        }
    }

    private func outcome(
        _ answer: Functions.Answer,
        of task: OpenTask,
        _ identity: String
    ) -> TaskOutcome {
        let text = String(decoding: answer.outcome.payload, as: UTF8.self)
        let value = Self.value(text)
        if answer.outcome.functionError != nil {
            return .failed(error: value["errorType"]?.text ?? "Lambda.Unknown", cause: text)
        }
        guard task.resource.kind == .service else { return .succeeded(value) }
        let members: JSONObject = [
            "ExecutedVersion": .string(answer.version), "Payload": value,
        ]
        let output = Self.answer(members, status: 200, identity)
        return task.resource.pattern == .token ? .submitted(output) : .succeeded(output)
    }

    private static func answer(
        _ members: JSONObject,
        status: Int,
        _ identity: String
    ) -> JSONValue {
        var members = ServiceAnswer.withMetadata(members, identity: identity)
        members["StatusCode"] = .integer(Int64(status))
        return .object(members)
    }

    private static func failure(_ error: FunctionError, _ identity: String) -> TaskOutcome {
        // The function did not run, and the database may answer in a moment.
        if error.code == .service { return .later }
        let name = "Lambda.\(error.code.rawValue)"
        let isBusy = error.code == .tooManyRequests
        let cause =
            "\(error.message) (Service: Lambda, Status Code: \(status(of: error.code)), "
            + "Request ID: \(identity))"
        return isBusy ? .busy(error: name, cause: cause) : .failed(error: name, cause: cause)
    }

    /// That of the service's answer, by its model.
    private static func status(of code: FunctionError.Code) -> Int {
        switch code {
        case .resourceNotFound, .provisionedNotFound: 404
        case .resourceConflict: 409
        case .preconditionFailed: 412
        case .requestTooLarge: 413
        case .tooManyRequests: 429
        case .resourceNotReady: 502
        default: 400
        }
    }

    /// A function's name and qualifier, of a name, a part of a resource name or a whole one.
    static func function(_ named: String, _ qualifier: String?) -> (String, String?) {
        let parts = named.split(separator: ":").map(String.init)
        switch parts.count {
        case 7...: return (parts[6], parts.count > 7 ? parts[7] : qualifier)
        case 3: return (parts[2], qualifier)
        case 2: return (parts[0], parts[1])
        default: return (named, qualifier)
        }
    }

    // MARK: Tables

    private func operate(_ task: OpenTask) async -> TaskOutcome {
        let name = task.resource.resource.split(separator: ".").first.map(String.init) ?? ""
        let operation = name.prefix(1).uppercased() + name.dropFirst()
        let identity = Executions.identity(of: task)
        let isPlain = task.resource.resourceType.hasPrefix("aws-sdk")
        do throws(WireError) {
            let bytes = try await run(operation, task.arguments.encoded(), task)
            guard case .object(let members) = Self.value(String(decoding: bytes, as: UTF8.self))
            else { return .succeeded(.object([:])) }
            return .succeeded(
                .object(
                    isPlain ? members : ServiceAnswer.withMetadata(members, identity: identity)
                )
            )
        } catch {
            if error.code == .internalServerError { return .later }
            let service = isPlain ? "DynamoDb" : "DynamoDB"
            let details = "Service: \(isPlain ? "DynamoDb" : "AmazonDynamoDBv2"), Status Code: "
            return .failed(
                error: "\(service).\(error.code.rawValue)",
                cause: "\(error.message) (\(details)\(error.code.status), Request ID: \(identity))"
            )
        }
    }

    private func run(
        _ operation: String,
        _ body: [UInt8],
        _ task: OpenTask
    ) async throws(WireError) -> [UInt8] {
        guard Executions.writesOnce(task) else {
            return try await OperationRegistry.run(operation, RequestBody(body), on: tables)
        }
        let result = await WriteMark.$current.withValue(WriteMark(task.identity, in: marks)) {
            do throws(WireError) {
                let body = RequestBody(body)
                let answer = try await OperationRegistry.run(operation, body, on: tables)
                return Result<[UInt8], WireError>.success(answer)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func value(_ text: String) -> JSONValue {
        do throws(JSONError) { return try JSONParser.value(of: text) } catch {
            return .string(text)
        }
    }
}
