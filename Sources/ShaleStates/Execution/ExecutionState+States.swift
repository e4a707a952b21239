internal import OrderedCollections
internal import ShaleJSON

// What the states do that need nobody else: Pass, Choice, Wait, Succeed, Fail.
extension ExecutionState {
    /// Does the work of a branch's state, which is entered.
    mutating func perform(_ id: BranchID, _ turn: inout Turn) throws(StateFailure) {
        let state = definition(of: id)
        switch state.kind {
        case .pass(let constant):
            let input = try effectiveInput(id, turn)
            try complete(id, result: constant ?? input, isOwnResult: false, &turn)
        case .succeed:
            let input = try effectiveInput(id, turn)
            try completePlain(id, input: input, output: state.output, assign: [], next: .end, &turn)
        case .fail(let error, let cause): try performFail(id, error, cause, turn)
        case .choice(let choice): try performChoice(id, choice, &turn)
        case .wait(let wait): try performWait(id, wait, &turn)
        case .task(let task): try performTask(id, task, &turn)
        case .parallel(let scopes): try performParallel(id, scopes, &turn)
        case .map(let map): try performMap(id, map, &turn)
        }
    }

    private func performFail(
        _ id: BranchID,
        _ error: Template?,
        _ cause: Template?,
        _ turn: Turn
    ) throws(StateFailure) {
        turn.inspector?.selected(self[id].input, by: definition(of: id))
        let evaluation = evaluation(id, data: self[id].input, turn)
        throw StateFailure(
            error: try text(of: error, "Error", evaluation),
            cause: try text(of: cause, "Cause", evaluation)
        )
    }

    private func text(
        of template: Template?,
        _ field: String,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> String? {
        guard let template else { return nil }
        let value = try template.evaluate(in: evaluation)
        if let text = value.text { return text }
        switch template {
        case .expression(let expression): throw expression.unexpected(value, expected: "string")
        case .path(let path, let field):
            throw .runtime("The \(field) parameter is not a string: \(path.text) == \(value.json)")
        default: throw .runtime("The \(field) field is not a string: \(value.json)")
        }
    }

    // MARK: Choice

    private mutating func performChoice(
        _ id: BranchID,
        _ choice: ChoiceDefinition,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let state = definition(of: id)
        let input = try effectiveInput(id, turn)
        let evaluation = evaluation(id, data: input, turn)
        for rule in choice.rules where try rule.condition.holds(in: evaluation) {
            try completePlain(
                id,
                input: input,
                output: rule.output,
                assign: rule.assign,
                next: .state(rule.next),
                &turn
            )
            return
        }
        try completePlain(
            id,
            input: input,
            output: state.output,
            assign: state.assign,
            next: choice.fallback.map(StateDefinition.Next.state),
            &turn
        )
    }

    // MARK: Wait

    private mutating func performWait(
        _ id: BranchID,
        _ wait: WaitDefinition,
        _ turn: inout Turn
    ) throws(StateFailure) {
        let evaluation = evaluation(id, data: try effectiveInput(id, turn), turn)
        let due = try due(wait.until, evaluation)
        if due <= turn.now {
            try finishWait(id, &turn)
        } else {
            self[id].phase = .waiting(setTimer(id, due: due, &turn))
        }
    }

    private func due(
        _ until: WaitDefinition.Until,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> Int64 {
        switch until {
        case .time(let time): return time
        case .seconds(let source):
            return evaluation.now + Int64(try seconds(of: source, evaluation)) * 1_000
        case .timestampPath(let path):
            let value = try evaluation.value(of: path, field: "TimestampPath")
            if let time = value.text.flatMap(Timestamp.milliseconds) { return time }
            throw .runtime(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset"
                    + " date-time format string: \(path.text) == \(value.text ?? value.json)"
            )
        case .timestampExpression(let expression):
            let value = try expression.evaluate(in: evaluation)
            guard let text = value.text else {
                throw expression.unexpected(value, expected: "string")
            }
            if let time = Timestamp.milliseconds(of: text) { return time }
            throw .evaluation(
                "The JSONata expression '\(expression.text)' specified for the field 'Timestamp'"
                    + " does not return a valid ISO-8601 extended offset date-time format string:"
                    + " \(text)",
                at: "Timestamp"
            )
        }
    }

    private func seconds(
        of source: NumberSource,
        _ evaluation: Evaluation
    ) throws(StateFailure) -> Int32 {
        let value = try value(of: source, evaluation)
        if let number = value.number, number >= 0, let seconds = Int32(exactly: number) {
            return seconds
        }
        let isNegative = value.number.map { Int64(exactly: $0) != nil && $0 < 0 } ?? false
        switch source {
        case .path(let path, let field):
            let problem =
                isNegative ? "references a negative value" : "cannot be parsed as a long value"
            throw .runtime(
                "The \(field) parameter \(problem): \(path.text) == \(value.text ?? value.json)"
            )
        case .expression(let expression):
            throw expression.unexpected(value, expected: "positive integer")
        case .constant:
            throw .runtime("The Seconds parameter cannot be parsed as a long value: \(value.json)")
        }
    }

    mutating func finishWait(_ id: BranchID, _ turn: inout Turn) throws(StateFailure) {
        let state = definition(of: id)
        // What the state selects from its input has not changed since it began to wait.
        let input = try effectiveInput(id, turn)
        try completePlain(
            id,
            input: input,
            output: state.output,
            assign: state.assign,
            next: state.next,
            &turn
        )
    }
}
