internal import OrderedCollections
internal import ShaleJSON

// Tasks: how they are scheduled, and what their ends lead to.
extension ExecutionState {
    mutating func performTask(
        _ id: BranchID,
        _ task: TaskDefinition,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let resource = task.resource
        let number = TaskID(newNumber())
        let needsToken = resource.kind == .activity || resource.pattern == .token
        let token =
            needsToken
            ? TaskToken(executionID: context.id, task: number, secret: turn.random.uuid()).text
            : nil
        let input = try effectiveInput(id, token: token, turn)
        let evaluation = evaluation(id, data: input, token: token, turn)
        let arguments = try taskArguments(id, evaluation)
        turn.inspector?.arguments(arguments, of: definition(of: id))
        let text = try text(of: arguments, state: definition(of: id))
        let limits = try timeLimits(id, task, evaluation)
        let credentials = try task.credentials?.evaluate(in: evaluation)

        var details = JSONObject()
        setResource(resource, &details)
        switch resource.kind {
        case .function, .activity: details.setData("input", text)
        case .service:
            details["region"] = .string(context.regionAndAccount.region)
            details["parameters"] = .string(text)
        }
        if let timeout = limits.timeout { details["timeoutInSeconds"] = .integer(Int64(timeout)) }
        if let heartbeat = limits.heartbeat, resource.kind != .function {
            details["heartbeatInSeconds"] = .integer(Int64(heartbeat))
        }
        if let credentials, resource.kind != .activity { details["taskCredentials"] = credentials }
        recordTask(id, resource, "Scheduled", details, &turn)

        var running = RunningTask(id: number, token: token, heartbeatSeconds: limits.heartbeat)
        if let timeout = limits.timeout {
            running.timeout = setTimer(id, due: turn.now + Int64(timeout) * 1_000, &turn)
        }
        if let heartbeat = limits.heartbeat, resource.kind != .activity {
            running.heartbeat = setTimer(id, due: turn.now + Int64(heartbeat) * 1_000, &turn)
        }
        tasks[number] = id
        self[id].phase = .task(running)
        let request = TaskRequest(
            id: number,
            resource: resource,
            arguments: arguments,
            region: context.regionAndAccount.region,
            timeoutSeconds: limits.timeout,
            heartbeatSeconds: limits.heartbeat,
            token: token,
            credentials: credentials
        )
        turn.step.commands.append(.schedule(request))
    }

    private func taskArguments(
        _ id: BranchID,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> JSONValue {
        let state = definition(of: id)
        guard state.language == .jsonata else { return evaluation.data }
        guard let template = state.arguments else {
            // An operation of a service takes no input but its arguments.
            guard case .task(let task) = state.kind, task.resource.kind == .service else {
                return evaluation.data
            }
            return .object([:])
        }
        return try template.evaluate(in: evaluation)
    }

    private func timeLimits(
        _ id: BranchID,
        _ task: TaskDefinition,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> (timeout: Int?, heartbeat: Int?) {
        var limits: [Int?] = []
        for source in [task.timeout, task.heartbeat] {
            let limit = try integer(of: source, evaluation)
            if let limit, let source, !(1...99_999_999).contains(limit) {
                throw Self.notA("positive integer", .integer(Int64(limit)), source)
            }
            limits.append(limit)
        }
        return (limits[0], limits[1])
    }

    // MARK: Events

    private func setResource(_ resource: TaskResource, _ details: inout JSONObject) {
        if resource.kind == .service { details["resourceType"] = .string(resource.resourceType) }
        details["resource"] = .string(resource.resource)
    }

    /// Adds an event of a task: `TaskStarted`, `LambdaFunctionStarted` or `ActivityStarted`.
    private mutating func recordTask(
        _ id: BranchID,
        _ resource: TaskResource,
        _ suffix: String,
        _ details: JSONObject,
        _ turn: inout Turn
    ) {
        let (type, name) =
            switch resource.kind {
            case .function: ("LambdaFunction", "lambdaFunction")
            case .activity: ("Activity", "activity")
            case .service: ("Task", "task")
            }
        // The start of a function has nothing to tell.
        let hasDetails = !details.isEmpty || suffix != "Started"
        advanceHistory(
            id,
            type + suffix,
            &turn,
            hasDetails ? name + suffix + "EventDetails" : nil,
            details
        )
    }

    /// The details that all events of an operation of a service have.
    private func details(of resource: TaskResource) -> JSONObject {
        var details = JSONObject()
        if resource.kind == .service { setResource(resource, &details) }
        return details
    }

    mutating func handleTask(_ event: ExecutionEvent, _ turn: inout Turn) {
        switch event {
        case .taskStarted(let task, let worker): taskStarted(task, worker: worker, &turn)
        case .taskSubmitted(let task, let output):
            guard let (id, resource, _) = running(task) else { return }
            noteStart(id, worker: nil, &turn)
            var details = details(of: resource)
            details.setData("output", output.json)
            recordTask(id, resource, "Submitted", details, &turn)
        case .taskSucceeded(let task, let output): taskSucceeded(task, output, &turn)
        case .taskFailed(let task, let error, let cause):
            let failure = StateFailure(error: error, cause: cause)
            taskFailed(task, "Failed", failure, isStarted: true, &turn)
        case .taskNotStarted(let task, let error, let cause):
            guard let (_, resource, running) = running(task) else { return }
            let suffix =
                switch resource.kind {
                case .service: "StartFailed"
                default: running.isStarted ? "StartFailed" : "ScheduleFailed"
                }
            let failure = StateFailure(error: error, cause: cause)
            taskFailed(task, suffix, failure, isStarted: false, &turn)
        case .taskTimedOut(let task):
            taskFailed(task, "TimedOut", .timedOut(), isStarted: true, &turn)
        case .taskHeartbeat(let task):
            guard let (id, _, running) = running(task), let seconds = running.heartbeatSeconds
            else {
                return
            }
            restartHeartbeat(id, running, seconds, &turn)
        default: preconditionFailure("no event of a task")
        }
    }

    private func running(_ task: TaskID) -> (BranchID, TaskResource, RunningTask)? {
        guard let id = tasks[task], case .task(let running) = self[id].phase,
            case .task(let definition) = definition(of: id).kind
        else { return nil }
        return (id, definition.resource, running)
    }

    private mutating func taskStarted(_ task: TaskID, worker: String?, _ turn: inout Turn) {
        guard let (id, resource, _) = running(task) else { return }
        noteStart(id, worker: worker, &turn)
        guard resource.kind == .activity, let (_, _, running) = running(task),
            let seconds = running.heartbeatSeconds
        else { return }
        restartHeartbeat(id, running, seconds, &turn)
    }

    /// Tells of the start of a task, once.
    private mutating func noteStart(_ id: BranchID, worker: String?, _ turn: inout Turn) {
        guard case .task(var running) = self[id].phase, !running.isStarted,
            case .task(let definition) = definition(of: id).kind
        else { return }
        running.isStarted = true
        self[id].phase = .task(running)
        var details = details(of: definition.resource)
        if let worker { details["workerName"] = .string(worker) }
        recordTask(id, definition.resource, "Started", details, &turn)
    }

    private mutating func restartHeartbeat(
        _ id: BranchID,
        _ running: RunningTask,
        _ seconds: Int,
        _ turn: inout Turn
    ) {
        var running = running
        cancelTimer(running.heartbeat, &turn)
        running.heartbeat = setTimer(id, due: turn.now + Int64(seconds) * 1_000, &turn)
        self[id].phase = .task(running)
    }

    mutating func endTask(_ running: RunningTask, _ turn: inout Turn) {
        tasks[running.id] = nil
        cancelTimer(running.timeout, &turn)
        cancelTimer(running.heartbeat, &turn)
    }

    private mutating func taskSucceeded(
        _ task: TaskID,
        _ output: JSONValue,
        _ turn: inout Turn
    ) {
        guard let (id, resource, running) = running(task) else { return }
        noteStart(id, worker: nil, &turn)
        endTask(running, &turn)
        self[id].phase = .performing
        attempt(id, &turn) { (state, turn) throws(StateFailure) in
            let text = try state.text(of: output, state: state.definition(of: id))
            var details = state.details(of: resource)
            details.setData("output", text)
            state.recordTask(id, resource, "Succeeded", details, &turn)
            try state.complete(id, result: output, &turn)
        }
    }

    private mutating func taskFailed(
        _ task: TaskID,
        _ suffix: String,
        _ failure: StateFailure,
        isStarted: Bool,
        _ turn: inout Turn
    ) {
        guard let (id, resource, running) = running(task) else { return }
        if isStarted { noteStart(id, worker: nil, &turn) }
        endTask(running, &turn)
        endTask(id, resource, suffix, failure, &turn)
    }

    /// A timer of a task has fired.
    mutating func taskTimedOut(_ id: BranchID, isHeartbeat: Bool, _ turn: inout Turn) {
        guard case .task(let running) = self[id].phase,
            case .task(let definition) = definition(of: id).kind
        else { return }
        endTask(running, &turn)
        turn.step.commands.append(.cancelTask(running.id))
        let failure: StateFailure = isHeartbeat ? .heartbeatMissed() : .timedOut()
        endTask(id, definition.resource, "TimedOut", failure, &turn)
    }

    private mutating func endTask(
        _ id: BranchID,
        _ resource: TaskResource,
        _ suffix: String,
        _ failure: StateFailure,
        _ turn: inout Turn
    ) {
        var details = details(of: resource)
        details.merge(JSONObject.failure(failure)) { $1 }
        recordTask(id, resource, suffix, details, &turn)
        self[id].phase = .performing
        fail(id, failure, &turn)
    }
}
