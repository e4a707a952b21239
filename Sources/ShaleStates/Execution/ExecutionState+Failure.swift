internal import OrderedCollections
internal import ShaleJSON

// What happens when a state fails: it is tried again, or the failure is caught, or it goes up.
extension ExecutionState {
    mutating func fail(_ id: BranchID, _ failure: StateFailure, _ turn: inout Turn) {
        if let inspector = turn.inspector { return inspect(id, failure, inspector, &turn) }
        // A redrive takes up what was under way when the failure came that ended the execution.
        let kept = isFinal(failure, of: id) ? (branches, forks, mapRuns) : nil
        take(id, failure, &turn)
        if status == .failed, let kept { (branches, forks, mapRuns) = kept }
    }

    /// Whether nobody in or above a branch tries again or catches a failure.
    private func isFinal(_ failure: StateFailure, of id: BranchID) -> Bool {
        if failure.error == StateFailure.runtimeError { return true }
        var next: BranchID? = id
        while let id = next {
            let state = definition(of: id)
            let retrier = state.retriers.firstIndex { failure.matches($0.errors) }
            if let retrier, self[id].attempts[retrier] < state.retriers[retrier].maxAttempts {
                return false
            }
            if state.catchers.contains(where: { failure.matches($0.errors) }) { return false }
            next = self[id].parent
        }
        return true
    }

    private mutating func take(_ id: BranchID, _ failure: StateFailure, _ turn: inout Turn) {
        let told = told(failure, of: id)
        if case .evaluation(let location) = failure.origin {
            recordEvaluation(id, told, location, &turn)
        }
        guard told.error != StateFailure.runtimeError || told.origin == .reported else {
            failExecution(told, after: self[id].lastEvent, &turn)
            return
        }
        if retry(id, told, &turn) { return }
        let before = self[id].lastEvent
        let state = definition(of: id)
        recordStateFailed(id, state, &turn)
        guard let catcher = state.catchers.first(where: { told.matches($0.errors) }) else {
            propagate(id, told, &turn)
            return
        }
        do {
            try caught(id, told, catcher, &turn)
        } catch {
            catcherFailed(id, error, before: before, state, &turn)
        }
    }

    /// The failure as it is told: with the state before the cause, where the state itself is to blame.
    func told(_ failure: StateFailure, of id: BranchID) -> StateFailure {
        guard failure.origin != .reported, failure.origin != .limit else { return failure }
        var told = failure
        told.cause =
            "An error occurred while executing the state '\(definition(of: id).name)' (entered at"
            + " the event id #\(self[id].enteredEvent)). \(failure.cause ?? "")"
        return told
    }

    private mutating func recordEvaluation(
        _ id: BranchID,
        _ failure: StateFailure,
        _ location: String?,
        _ turn: inout Turn
    ) {
        var details = JSONObject.failure(failure)
        if let location { details["location"] = .string(location) }
        details["state"] = .string(definition(of: id).name)
        // The service lets the event follow the one before the state, unless the state got further.
        let branch = self[id]
        let isFirst = branch.lastEvent == branch.enteredEvent
        let previous = isFirst ? branch.eventBefore : branch.lastEvent
        self[id].lastEvent = record(
            "EvaluationFailed",
            after: previous,
            &turn,
            "evaluationFailedEventDetails",
            details
        )
    }

    private mutating func recordStateFailed(
        _ id: BranchID,
        _ state: StateDefinition,
        _ turn: inout Turn
    ) {
        switch state.kind {
        case .parallel, .map: advanceHistory(id, state.typeName + "StateFailed", &turn)
        default: break
        }
    }

    /// Starts another attempt, where a retrier has one left.
    private mutating func retry(
        _ id: BranchID,
        _ failure: StateFailure,
        _ turn: inout Turn
    ) -> Bool {
        let retriers = definition(of: id).retriers
        guard let index = retriers.firstIndex(where: { failure.matches($0.errors) }),
            self[id].attempts[index] < retriers[index].maxAttempts
        else { return false }
        self[id].attempts[index] += 1
        let attempt = self[id].attempts[index]
        let delay = retriers[index].delay(attempt: attempt, random: turn.random)
        if delay > 0 {
            self[id].phase = .retrying(setTimer(id, due: turn.now + delay, &turn))
        } else {
            setReady(id, .performing)
        }
        return true
    }

    mutating func caught(
        _ id: BranchID,
        _ failure: StateFailure,
        _ catcher: Catcher,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let state = definition(of: id)
        let error = failure.output
        var evaluation = evaluation(id, data: error, turn)
        evaluation.errorOutput = error
        let assigned = try assignments(catcher.assign, evaluation)
        let output: JSONValue
        switch state.language {
        case .jsonata: output = try catcher.output?.evaluate(in: evaluation) ?? error
        case .jsonPath: output = try merged(error, at: catcher.resultPath, into: self[id].input)
        }
        try leave(id, output: output, assigned: assigned, next: .state(catcher.next), &turn)
    }

    /// A failure of the catcher itself goes up; the state does not catch it again.
    private mutating func catcherFailed(
        _ id: BranchID,
        _ failure: StateFailure,
        before: Int,
        _ state: StateDefinition,
        _ turn: inout Turn
    ) {
        let told = told(failure, of: id)
        if case .evaluation(let location) = failure.origin {
            self[id].lastEvent = before
            recordEvaluation(id, told, location, &turn)
        }
        guard told.error != StateFailure.runtimeError else {
            failExecution(told, after: self[id].lastEvent, &turn)
            return
        }
        if case .evaluation = failure.origin { recordStateFailed(id, state, &turn) }
        propagate(id, told, &turn)
    }

    /// Hands a failure that nobody in the branch takes to the state that started the branch.
    private mutating func propagate(_ id: BranchID, _ failure: StateFailure, _ turn: inout Turn) {
        let branch = self[id]
        guard let parent = branch.parent else {
            failExecution(failure, after: branch.lastEvent, &turn)
            return
        }
        if case .task = definition(of: id).kind {
            record("TaskStateAborted", after: branch.lastEvent, &turn)
        }
        childFailed(parent, id, branch, failure, &turn)
    }

    /// Ends the execution with a failure; the branches stay, for a redrive.
    mutating func failExecution(
        _ failure: StateFailure,
        after event: Int,
        _ turn: inout Turn
    ) {
        record(
            "ExecutionFailed",
            after: event,
            &turn,
            "executionFailedEventDetails",
            .failure(failure)
        )
        finish(
            ExecutionEnd(
                status: .failed,
                output: nil,
                outputText: nil,
                error: failure.error,
                cause: failure.cause
            ),
            &turn
        )
    }

    // MARK: Branches that are given up

    /// Tells of the states of a branch, and of those in it, that they are given up.
    mutating func recordAborted(_ id: BranchID, _ turn: inout Turn) {
        if let fork = forks[id] {
            for child in fork.running.sorted() where branches[child] != nil {
                recordAborted(child, &turn)
                if fork.isMap { recordIteration("MapIterationAborted", id, self[child], &turn) }
            }
        }
        switch self[id].phase {
        case .entering, .performing: break
        default:
            if mapRuns[id] != nil { record("MapRunAborted", after: self[id].lastEvent, &turn) }
            let type = definition(of: id).typeName + "StateAborted"
            record(type, after: self[id].lastEvent, &turn)
        }
    }

    /// Gives a branch up with all that it waits for and all branches in it.
    mutating func discard(_ id: BranchID, _ turn: inout Turn) {
        guard let branch = branches.removeValue(forKey: id) else { return }
        switch branch.phase {
        case .entering, .performing: break
        case .waiting(let timer), .retrying(let timer): cancelTimer(timer, &turn)
        case .task(let task):
            endTask(task, &turn)
            turn.step.commands.append(.cancelTask(task.id))
        case .fork:
            let fork = forks.removeValue(forKey: id)
            for child in fork?.running.sorted() ?? [] { discard(child, &turn) }
        case .mapRun:
            guard let run = mapRuns.removeValue(forKey: id) else { return }
            tasks[run.id] = nil
            turn.step.commands.append(.stopChildren(run.id))
            turn.step.commands.append(.mapRunEnded(run.id, arn: run.arn, status: .aborted))
        }
    }
}
