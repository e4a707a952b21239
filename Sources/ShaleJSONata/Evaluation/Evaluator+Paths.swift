/// How paths go from step to step, without and with variables bound on the way.
extension Evaluator {
    func path(
        _ node: Node,
        _ steps: [Node],
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var first = 0
        var start = input
        if !node.isTuple, !node.keepsSingleton, node.group == nil {
            // Plain names in plain objects need no sequences.
            while case .object(let object) = start, first < steps.count,
                case .name(let name) = steps[first].kind, steps[first].isPlain
            {
                try spend()
                let value = object[name]
                if case .array(let array) = value {
                    if first == steps.count - 1, !array.isSequence { return value }
                    break
                }
                start = value
                first += 1
            }
            if first > 0, first == steps.count || start.isUndefined { return start }
        }
        return try steppedPath(node, steps, from: first, start, frame)
    }

    private func steppedPath(
        _ node: Node,
        _ steps: [Node],
        from first: Int,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var current = input.items
        if first == 0, case .variable = steps[0].kind { current = ArrayValue([input], .sequence) }
        var tuples: ArrayValue?
        var bindsTuples = false
        var result = Value.undefined
        for (index, step) in steps.enumerated().dropFirst(first) {
            if step.isTuple { bindsTuples = true }
            if index == 0, step.isConstructor {
                result = try evaluate(step, .array(current), frame)
            } else if bindsTuples {
                tuples = try tupleStep(step, current, tuples, frame)
            } else {
                result = try self.step(step, current, isLast: index == steps.count - 1, frame)
            }
            guard bindsTuples || !result.isEmptySequence else { break }
            if step.focus == nil, !bindsTuples { current = result.items }
        }
        if let tuples {
            result = .array(tuples)
            if !node.isTuple, node.group == nil { result = try values(of: tuples) }
        }
        if node.keepsSingleton, case .array(let array) = result, !array.holdsTuples {
            result =
                array.flags.contains(.constructor) && !array.isSequence
                ? .array(ArrayValue([result], [.sequence, .keepsSingleton]))
                : .array(ArrayValue(array, array.flags.union(.keepsSingleton)))
        }
        if let group = node.group {
            return try grouped(result, group.pairs, at: group.position, frame)
        }
        return result
    }

    private func values(of tuples: ArrayValue) throws(JSONataError) -> Value {
        var values: [Value] = []
        for index in 0..<tuples.count {
            if case .tuple(let tuple) = tuples[index], !tuple.value.isUndefined {
                values.append(tuple.value)
            }
        }
        return try array(values, .sequence)
    }

    /// One step: every item of the input gives none, one or many of the result.
    private func step(
        _ step: Node,
        _ input: ArrayValue,
        isLast: Bool,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        if case .sort(let terms) = step.kind {
            let sorted = try sort(input, by: terms, at: step.position, frame)
            return try staged(sorted, step.stages, frame)
        }
        var results: [Value] = []
        for index in 0..<input.count {
            var value = try evaluate(step, input[index], frame)
            for case .filter(let predicate) in step.stages {
                value = try filter(value, by: predicate, frame)
            }
            if !value.isUndefined { results.append(value) }
        }
        if isLast, results.count == 1, case .array(let array) = results[0], !array.isSequence {
            return results[0]
        }
        return try flattened(results)
    }

    private func flattened(_ values: [Value]) throws(JSONataError) -> Value {
        var elements: [Value] = []
        elements.reserveCapacity(values.count)
        for value in values {
            if case .array(let array) = value, !array.flags.contains(.constructor) {
                if values.count == 1 {
                    return .array(ArrayValue(array, .sequence))
                }
                elements += array.elements
            } else {
                elements.append(value)
            }
        }
        return try array(elements, .sequence)
    }

    private func staged(
        _ value: Value,
        _ stages: [Node.Stage],
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var result = value
        for stage in stages {
            switch stage {
            case .filter(let predicate): result = try filter(result, by: predicate, frame)
            case .index(let name):
                guard case .array(let array) = result else { continue }
                for index in 0..<array.count {
                    if case .tuple(let tuple) = array[index] {
                        tuple.bind(name, .number(Double(index)))
                    }
                }
            }
        }
        return result
    }

    // MARK: Tuples

    private func tupleStep(
        _ step: Node,
        _ input: ArrayValue,
        _ tuples: ArrayValue?,
        _ frame: Frame
    ) throws(JSONataError) -> ArrayValue {
        let flags: ArrayValue.Flags = [.sequence, .tuples]
        if case .sort(let terms) = step.kind {
            let sorted = try sort(tuples ?? input, by: terms, at: step.position, frame).items
            var result = sorted
            if tuples == nil {
                var elements: [Value] = []
                for index in 0..<sorted.count {
                    let tuple = Tuple(sorted[index])
                    if let name = step.index { tuple.bind(name, .number(Double(index))) }
                    elements.append(.tuple(tuple))
                }
                result = ArrayValue(elements, flags)
            }
            return try staged(.array(result), step.stages, frame).items
        }
        let source = tuples ?? input
        var elements: [Value] = []
        for index in 0..<source.count {
            let tuple: Tuple
            if case .tuple(let bound) = source[index] {
                tuple = bound
            } else {
                tuple = Tuple(source[index])
            }
            try advance(tuple, by: step, into: &elements, frame)
        }
        try charge(elements.count * 64)
        let result = try staged(.array(ArrayValue(elements, flags)), step.stages, frame)
        return result.isUndefined ? ArrayValue([], flags) : result.items
    }

    /// The tuples that one tuple becomes in a step.
    private func advance(
        _ tuple: Tuple,
        by step: Node,
        into elements: inout [Value],
        _ frame: Frame
    ) throws(JSONataError) {
        let value = try evaluate(step, tuple.value, self.frame(of: tuple, frame))
        guard !value.isUndefined else { return }
        let items = value.items
        for index in 0..<items.count {
            let next = Tuple(tuple.value, tuple.variables)
            if case .tuple(let bound) = items[index] {
                next.value = bound.value
                for variable in bound.variables { next.bind(variable.name, variable.value) }
            } else {
                if let focus = step.focus {
                    next.bind(focus, items[index])
                } else {
                    next.value = items[index]
                }
                if let name = step.index { next.bind(name, .number(Double(index))) }
                if let ancestor = step.ancestor { next.bind(ancestor.label, tuple.value) }
            }
            elements.append(.tuple(next))
        }
    }

    /// A frame with the variables of a tuple.
    func frame(of tuple: Tuple, _ parent: Frame) -> Frame {
        guard !tuple.variables.isEmpty else { return parent }
        let frame = Frame(parent: parent)
        for variable in tuple.variables { frame.bind(variable.name, variable.value) }
        return frame
    }
}

extension Node {
    /// A step that only looks up its name.
    fileprivate var isPlain: Bool {
        !isTuple && !keepsArray && stages.isEmpty && predicates.isEmpty && group == nil
    }
}

extension Value {
    fileprivate var isEmptySequence: Bool {
        switch self {
        case .undefined: true
        case .array(let array): array.count == 0
        default: false
        }
    }
}
