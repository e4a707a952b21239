internal import OrderedCollections
internal import ShaleJSON

// What a state does while it is tested that it does not in executions: it ends where it would be left or tried again.
extension ExecutionState {
    func name(of next: StateDefinition.Next) -> String? {
        if case .state(let index) = next { program.states[index].name } else { nil }
    }

    /// A failure of the state that is tested: which retrier and which catcher are about it.
    mutating func inspect(
        _ id: BranchID,
        _ failure: StateFailure,
        _ inspector: StateInspector,
        _ turn: inout Turn
    ) {
        let state = definition(of: id)
        if let index = state.retriers.firstIndex(where: { failure.matches($0.errors) }) {
            let attempt = self[id].attempts[index] + 1
            inspector.note(\.retryIndex, index)
            if attempt <= state.retriers[index].maxAttempts {
                let delay = state.retriers[index].delay(attempt: attempt, random: turn.random)
                inspector.note(\.backoffSeconds, Int(delay / 1_000))
                inspector.failed(.retriable, failure)
                return
            }
        }
        guard let index = state.catchers.firstIndex(where: { failure.matches($0.errors) }) else {
            inspector.failed(.failed, failure)
            return
        }
        inspector.note(\.catchIndex, index)
        inspector.failed(.failed, failure)
        do {
            try caught(id, failure, state.catchers[index], &turn)
        } catch {
            inspector.failed(.failed, error)
        }
    }

    /// Ends a Parallel with what a test says that its branches have given.
    mutating func inspectFork(
        _ id: BranchID,
        _ inspector: StateInspector,
        _ turn: inout Turn
    ) throws(StateFailure) {
        switch inspector.setup.mock {
        case .result(let result): try complete(id, result: result, &turn)
        case .failure(let error, let cause): throw StateFailure(error: error, cause: cause)
        case nil: preconditionFailure("a Parallel or a Map is tested with a mock")
        }
    }

    /// Takes the items of a Map as far as its children would get them, and ends it with what a test says.
    mutating func inspectMap(
        _ id: BranchID,
        _ map: MapDefinition,
        _ evaluation: Evaluation,
        _ inspector: StateInspector,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let state = definition(of: id)
        let items: [JSONValue]
        if case .reader(let reader) = map.items {
            items = inspector.setup.items ?? []
            if reader.configuration["ItemsPointer"] != nil {
                inspector.note(\.afterItemsPointer, JSONValue.array(items).json)
            }
        } else {
            items = try self.items(map, evaluation)
            if state.language == .jsonPath {
                inspector.note(\.afterItemsPath, JSONValue.array(items).json)
            }
        }
        let limit = try integer(of: map.maxConcurrency, evaluation) ?? 0
        guard limit >= 0 else { throw .runtime("MaxConcurrency must not be negative: \(limit)") }
        inspector.note(\.maxConcurrency, limit)
        let input = evaluation.data
        let number = TaskID(newNumber())
        var run = try newRun(number, id, map, .running, input: input, limit: limit, turn)
        inspector.note(\.toleratedFailureCount, run.toleratedCount)
        inspector.note(\.toleratedFailurePercentage, run.toleratedPercentage)
        run.inputs = try selected(items, map.itemSelector, id, input: input, turn)
        if map.itemSelector != nil {
            inspector.note(\.afterItemSelector, JSONValue.array(run.inputs).json)
        }
        if let batcher = map.batcher {
            let batches = try batches(of: run.inputs, batcher, evaluation)
            inspector.note(\.afterItemBatcher, JSONValue.array(batches).json)
        }
        run.failed = inspector.setup.failedIterations
        try inspectFailures(of: run, inspector)
        try inspectFork(id, inspector, &turn)
    }

    /// Fails where more iterations have failed than the Map bears; one that names no number bears all of them here.
    private func inspectFailures(
        of run: MapRun,
        _ inspector: StateInspector
    ) throws(StateFailure) {
        if case .failure = inspector.setup.mock { return }
        guard run.toleratedCount != nil || run.toleratedPercentage != nil, isFailureExceeded(run)
        else { return }
        throw StateFailure(
            error: Self.toleratedError,
            cause: "The specified tolerated failure threshold was exceeded"
        )
    }
}
