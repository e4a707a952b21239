internal import OrderedCollections
internal import ShaleJSON

// The course of an execution: its start, how it goes from state to state, and its end.
extension ExecutionState {
    mutating func start(_ turn: inout Turn) {
        guard eventCount == 0 else { return }
        var details: JSONObject = [:]
        details.setData("input", context.inputText)
        details["roleArn"] = .string(context.roleARN)
        details.merge(context.startedDetails) { $1 }
        record("ExecutionStarted", after: 0, &turn, "executionStartedEventDetails", details)
        startTimeout(&turn)
        branches[.root] = Branch(
            parent: nil,
            index: 0,
            item: nil,
            state: program.scopes[scope].start,
            input: context.input,
            inputSource: .execution,
            // The first state follows nothing: its event names no previous one.
            lastEvent: 0
        )
        setReady(.root, .entering)
    }

    mutating func startTimeout(_ turn: inout Turn) {
        // Children of a distributed Map have no limit but that of their kind.
        let limits = [scope == 0 ? program.timeoutSeconds : nil, context.maximumSeconds]
        guard let seconds = limits.compactMap({ $0 }).min() else { return }
        let timer = TimerID(newNumber())
        timeout = timer
        turn.step.commands.append(.setTimer(timer, due: turn.now + Int64(seconds) * 1_000))
    }

    /// Enters the state of a branch.
    mutating func enter(_ id: BranchID, _ turn: inout Turn) {
        let state = definition(of: id)
        let told = HistoryEvent.Details.data(state: state.name, .input, inputText(of: id))
        self[id].inputText = nil
        self[id].eventBefore = self[id].lastEvent
        let type = state.enteredType
        advanceHistory(id, type, &turn, "stateEnteredEventDetails", telling: told)
        self[id].enteredEvent = self[id].lastEvent
        self[id].enteredTime = turn.now
        self[id].attempts = Array(repeating: 0, count: state.retriers.count)
        self[id].phase = .performing
    }

    private func inputText(of id: BranchID) -> String {
        if self[id].inputSource == .execution { return context.inputText }
        return self[id].inputText ?? self[id].input.json
    }

    /// Leaves the state of a branch with its output, for the next one or for the end of the branch.
    ///
    /// The variables in `assigned` take their values now. Without a next state there is no way out.
    mutating func leave(
        _ id: BranchID,
        output: JSONValue,
        assigned: AssignedVariables,
        next: StateDefinition.Next?,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let state = definition(of: id)
        let text = try text(of: output, state: state)
        // Without a next state there is no way out: the rule of a Choice that matches nothing.
        guard let next else { throw .noNextState }
        if let inspector = turn.inspector {
            self[id].variables.take(assigned)
            // What was handed on as it came is told as it was written.
            let told = output == context.input ? context.inputText : text
            inspector.left(output: told, variables: self[id].variables.values, next: name(of: next))
            return
        }
        var told = HistoryEvent.Details.data(state: state.name, .output, text)
        if !assigned.isEmpty {
            try take(assigned, id)
            var details = told.object
            let texts = assigned.variables.mapValues { JSONValue.string($0.text) }
            details["assignedVariables"] = .object(texts)
            details["assignedVariablesDetails"] = .object(["truncated": .bool(false)])
            told = .object(details)
        }
        let type = state.exitedType
        advanceHistory(id, type, &turn, "stateExitedEventDetails", telling: told)
        switch next {
        case .state(let index):
            self[id].state = index
            self[id].input = output
            self[id].inputText = text
            self[id].inputSource = .own
            setReady(id, .entering)
        case .end: endBranch(id, output: output, text: text, &turn)
        }
    }

    /// Sets variables of a branch.
    ///
    /// - Throws: `States.DataLimitExceeded` where the execution had too much in variables.
    private mutating func take(
        _ assigned: AssignedVariables,
        _ id: BranchID
    ) throws(StateFailure) {
        let others = branches.reduce(0) { $0 + ($1.key == id ? 0 : $1.value.variables.sizeBytes) }
        guard others + self[id].variables.sizeBytes(taking: assigned) <= Variables.totalLimit else {
            throw .tooManyVariables(
                "The variables of the execution have more than \(Variables.totalLimit) bytes"
            )
        }
        self[id].variables.take(assigned)
    }

    private mutating func endBranch(
        _ id: BranchID,
        output: JSONValue,
        text: String,
        _ turn: inout Turn
    ) {
        guard let parent = self[id].parent else {
            record(
                "ExecutionSucceeded",
                after: self[id].lastEvent,
                &turn,
                "executionSucceededEventDetails",
                telling: .data(state: nil, .output, text)
            )
            let end = ExecutionEnd(
                status: .succeeded,
                output: output,
                outputText: text,
                error: nil,
                cause: nil
            )
            finish(end, &turn)
            (branches, forks, mapRuns) = ([:], [:], [:])
            return
        }
        let branch = self[id]
        branches[id] = nil
        childSucceeded(parent, id, branch, output: output, &turn)
    }

    // MARK: Ends

    /// Ends the execution; branches stay as they are, for a redrive.
    mutating func finish(_ end: ExecutionEnd, _ turn: inout Turn) {
        status = end.status
        if let timeout { turn.step.commands.append(.cancelTimer(timeout)) }
        timeout = nil
        for timer in timers.keys.sorted() { turn.step.commands.append(.cancelTimer(timer)) }
        for (task, id) in tasks.sorted(by: { $0.key < $1.key }) {
            if let run = mapRuns[id] {
                turn.step.commands.append(.stopChildren(task))
                turn.step.commands.append(.mapRunEnded(task, arn: run.arn, status: .aborted))
            } else {
                turn.step.commands.append(.cancelTask(task))
            }
        }
        timers = [:]
        tasks = [:]
        ready = []
        turn.step.commands.append(.finish(end))
    }

    mutating func stop(error: String?, cause: String?, _ turn: inout Turn) {
        guard status == .running else { return }
        let failure = StateFailure(error: error, cause: cause)
        end(.aborted, "ExecutionAborted", "executionAbortedEventDetails", failure, &turn)
    }

    mutating func timeOut(_ turn: inout Turn) {
        guard status == .running else { return }
        let type = "ExecutionTimedOut"
        end(.timedOut, type, "executionTimedOutEventDetails", .timedOut(), &turn)
    }

    /// Ends an execution that cannot be kept; a redrive begins its state anew.
    mutating func endTooLarge(_ bytes: Int, _ limit: Int, _ turn: inout Turn) {
        guard status == .running, branches[.root] != nil else { return }
        failExecution(.stateTooLarge(bytes, limit), after: self[.root].lastEvent, &turn)
        branches = branches.filter { $0.key == .root }
        (forks, mapRuns) = ([:], [:])
        self[.root].phase = .performing
    }

    private mutating func end(
        _ status: ExecutionStatus,
        _ type: String,
        _ detailsName: String,
        _ failure: StateFailure,
        _ turn: inout Turn
    ) {
        let last = branches[.root]?.lastEvent ?? 0
        if branches[.root] != nil { recordAborted(.root, &turn) }
        record(type, after: last, &turn, detailsName, .failure(failure))
        finish(
            ExecutionEnd(
                status: status,
                output: nil,
                outputText: nil,
                error: failure.error,
                cause: failure.cause
            ),
            &turn
        )
    }

    // MARK: Redrive

    mutating func redrive(_ turn: inout Turn) {
        guard status != .running, status != .succeeded, !branches.isEmpty else { return }
        status = .running
        redriveCount += 1
        let last = eventCount
        let event = record(
            "ExecutionRedriven",
            after: last,
            &turn,
            "executionRedrivenEventDetails",
            ["redriveCount": .integer(Int64(redriveCount))]
        )
        startTimeout(&turn)
        for id in branches.keys.sorted() where branches[id] != nil {
            self[id].attempts = self[id].attempts.map { _ in 0 }
            switch self[id].phase {
            case .entering: ready.append(id)
            // A fork whose branches are still there goes on in them.
            case .fork where !self[fork: id].running.isEmpty: break
            case .mapRun where [.running, .failing].contains(self[mapRun: id].stage):
                redriveMapRun(id, &turn)
            default:
                forks[id] = nil
                mapRuns[id] = nil
                self[id].lastEvent = event
                setReady(id, .performing)
            }
        }
    }
}

extension StateFailure {
    static let noNextState = StateFailure.runtime(
        "Failed to transition out of the state. The state does not point to a next state."
    )

    /// What the service tells, by its knowledge centre ("stuck in the DELETING status").
    static func machineDeleted(_ machine: String) -> StateFailure {
        StateFailure(
            error: runtimeError,
            cause: "State machine \(machine) has been deleted.",
            origin: .limit
        )
    }

    static func stateTooLarge(_ bytes: Int, _ limit: Int) -> StateFailure {
        StateFailure(
            error: dataLimitError,
            cause: "What the execution has under way takes \(bytes) bytes, at most \(limit) are"
                + " kept: have fewer branches or items under way at a time, or give them less data.",
            origin: .limit
        )
    }

    static let historyFull = StateFailure(
        error: runtimeError,
        cause: ExecutionState.historyFullCause,
        origin: .limit
    )
}
