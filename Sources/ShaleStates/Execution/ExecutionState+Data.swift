internal import OrderedCollections
internal import ShaleJSON

// How states take their data from their input and put their results into their output.
extension ExecutionState {
    /// What the templates of a branch's state are evaluated against.
    func evaluation(
        _ id: BranchID,
        data: JSONValue,
        token: String? = nil,
        item: MapItem? = nil,
        _ turn: Turn
    ) -> Evaluation {
        let branch = self[id]
        let state = program.states[branch.state]
        var scopes: [JSONObject] = []
        var itemOfScope = item
        var next: BranchID? = id
        while let current = next.flatMap({ branches[$0] }) {
            if !current.variables.isEmpty { scopes.append(current.variables.values) }
            itemOfScope = itemOfScope ?? current.item
            next = current.parent
        }
        let context = StateContext(
            execution: context,
            redriveCount: redriveCount,
            stateName: state.name,
            enteredTime: branch.enteredTime,
            retryCount: state.canBeRetried ? branch.attempts.reduce(0, +) : nil,
            taskToken: turn.inspector?.hasGivenContext == true ? nil : token,
            item: itemOfScope,
            given: turn.inspector?.context
        )
        return Evaluation(
            data: data,
            input: branch.input,
            variables: scopes,
            context: context,
            random: turn.random,
            now: turn.now
        )
    }

    /// What a state works on: its input after InputPath and Parameters; in JSONata the input as it is.
    func effectiveInput(
        _ id: BranchID,
        token: String? = nil,
        _ turn: Turn
    ) throws(StateFailure) -> JSONValue {
        let state = definition(of: id)
        if state.takesWholeInput {
            turn.inspector?.selected(self[id].input, by: state)
            turn.inspector?.parameters(self[id].input, of: state)
            return self[id].input
        }
        var evaluation = evaluation(id, data: self[id].input, token: token, turn)
        evaluation.data = try select(state.inputPath, "InputPath", evaluation)
        turn.inspector?.selected(evaluation.data, by: state)
        let input = try state.parameters?.evaluate(in: evaluation) ?? evaluation.data
        turn.inspector?.parameters(input, of: state)
        return input
    }

    private func select(
        _ selection: StateDefinition.Selection,
        _ field: String,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> JSONValue {
        switch selection {
        case .path(let path): try evaluation.value(of: path, field: field)
        case .call(let template): try template.evaluate(in: evaluation)
        case .nothing: .object([:])
        }
    }

    /// Completes a state that has a result: selects from it, puts it into the input, and leaves.
    ///
    /// A result of its own came from elsewhere and is `$states.result`.
    mutating func complete(
        _ id: BranchID,
        result: JSONValue,
        isOwnResult: Bool = true,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let state = definition(of: id)
        turn.inspector?.result(result, of: state)
        if state.givesWholeResult {
            turn.inspector?.selectedResult(result, merged: result, by: state)
            try leave(id, output: result, assigned: .none, next: state.next, &turn)
            return
        }
        var evaluation = evaluation(id, data: result, turn)
        if isOwnResult { evaluation.result = result }
        let assigned = try assignments(state.assign, evaluation)
        let output: JSONValue
        switch state.language {
        case .jsonata: output = try state.output?.evaluate(in: evaluation) ?? result
        case .jsonPath:
            let selected = try state.resultSelector?.evaluate(in: evaluation) ?? result
            turn.inspector?.selectedResult(selected, merged: nil, by: state)
            evaluation.data = try merged(selected, at: state.resultPath, into: self[id].input)
            turn.inspector?.selectedResult(selected, merged: evaluation.data, by: state)
            output = try select(state.outputPath, "OutputPath", evaluation)
        }
        try leave(id, output: output, assigned: assigned, next: state.next, &turn)
    }

    /// Completes a state that has no result of its own, with the input that it selected.
    mutating func completePlain(
        _ id: BranchID,
        input: JSONValue,
        output template: Template?,
        assign: [(name: String, value: Template)],
        next: StateDefinition.Next?,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let state = definition(of: id)
        let evaluation = evaluation(id, data: input, turn)
        let assigned = try assignments(assign, evaluation)
        let output: JSONValue
        switch state.language {
        case .jsonata: output = try template?.evaluate(in: evaluation) ?? input
        case .jsonPath: output = try select(state.outputPath, "OutputPath", evaluation)
        }
        try leave(id, output: output, assigned: assigned, next: next, &turn)
    }

    func assignments(
        _ assign: [(name: String, value: Template)],
        _ evaluation: Evaluation
    ) throws(StateFailure) -> AssignedVariables {
        var assigned = AssignedVariables()
        for (name, template) in assign {
            try assigned.set(name, try template.evaluate(in: evaluation))
        }
        return assigned
    }

    func merged(
        _ result: JSONValue,
        at path: JSONPath?,
        into input: JSONValue
    ) throws(StateFailure) -> JSONValue {
        guard let path else { return input }
        guard let merged = path.writing(result, into: input) else {
            throw StateFailure(
                error: "States.ResultPathMatchFailure",
                cause: "Unable to apply ReferencePath \(path.text) to input \(input.json)",
                origin: .machine
            )
        }
        return merged
    }

    // MARK: Numbers

    /// A number of the definition, as found.
    func value(
        of source: NumberSource,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> JSONValue {
        switch source {
        case .constant(let number):
            return Int64(exactly: number).map(JSONValue.integer) ?? .double(number)
        case .path(let path, let field): return try evaluation.value(of: path, field: field)
        case .expression(let expression):
            let value = try expression.evaluate(in: evaluation)
            guard value.number != nil else {
                throw expression.unexpected(value, expected: "number")
            }
            return value
        }
    }

    /// An integer of the definition; a failure in the words of the service where it is none.
    func integer(
        of source: NumberSource?,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> Int? {
        guard let source else { return nil }
        let value = try value(of: source, evaluation)
        if let number = value.number, let integer = Int(exactly: number) { return integer }
        throw Self.notA("integer", value, source)
    }

    static func notA(
        _ kind: String,
        _ value: JSONValue,
        _ source: NumberSource
    ) -> StateFailure {
        let text = value.text ?? value.json
        switch source {
        case .path(let path, let field):
            return .runtime(
                "The \(field) field refers to value \"\(text)\" which is not a valid \(kind):"
                    + " \(path.text)"
            )
        case .expression(let expression):
            return expression.unexpected(value, expected: kind)
        case .constant: return .runtime("\(text) is not a valid \(kind)")
        }
    }
}

extension StateDefinition {
    /// Whether the state can have retriers, so that its context tells how often it was tried.
    var canBeRetried: Bool {
        switch kind {
        case .task, .parallel, .map: true
        default: false
        }
    }
}
