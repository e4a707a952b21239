internal import ShaleJSON

extension Parser {
    /// Reads the arguments of a call, or the whole of a function's definition.
    mutating func call(at position: Int, _ left: Node) throws(JSONataError) -> Node {
        var arguments: [Node?] = []
        while !token.isSymbol(")") {
            if token.isSymbol("?") {
                try advance()
                arguments.append(nil)
            } else {
                arguments.append(try expression(0))
            }
            guard token.isSymbol(",") else { break }
            try advance(operandExpected: true)
        }
        try take(")")
        if case .path(let steps) = left.kind, steps.count == 1, steps[0].stages.isEmpty,
            case .name(let name) = steps[0].kind, name == "function" || name == "λ"
        {
            return try lambda(at: position, arguments)
        }
        let full = arguments.compactMap(\.self)
        let node =
            full.count == arguments.count
            ? Node(.call(left, full), at: position)
            : Node(.partial(left, arguments), at: position)
        node.adopt(left)
        for argument in full { node.takeIn(argument) }
        return node
    }

    private mutating func lambda(
        at position: Int,
        _ arguments: [Node?]
    ) throws(JSONataError) -> Node {
        var names: [String] = []
        for argument in arguments {
            guard let argument, case .variable(let name) = argument.kind,
                argument.predicates.isEmpty
            else {
                throw JSONataError(
                    "S0208",
                    position: argument?.position ?? position,
                    token: argument?.word ?? "?",
                    value: .string(argument?.word ?? "?")
                )
            }
            names.append(name)
        }
        let signature = token.isSymbol("<") ? try signature() : nil
        try take("{", operandExpected: true)
        let body = try expression(0)
        try take("}")
        let lambda = Node.Lambda(
            parameters: names,
            signature: signature,
            body: body.withTailCalls
        )
        let node = Node(.lambda(lambda), at: position)
        node.adopt(body)
        return node
    }

    /// Reads a signature: all up to the bracket that closes the first.
    private mutating func signature() throws(JSONataError) -> Signature {
        let position = token.position
        var text = ""
        var depth = 0
        repeat {
            switch token.kind {
            case .end: throw JSONataError("S0203", position: token.position, value: .string(">"))
            case .symbol("{"):
                throw JSONataError("S0202", position: token.position, value: .string(">"))
            case .symbol("<"): depth += 1
            case .symbol(">"): depth -= 1
            default: break
            }
            text += token.text
            try advance()
        } while depth > 0
        do throws(JSONataError) {
            return try Signature(text)
        } catch {
            throw error.at(position, token: nil)
        }
    }
}

extension Node {
    /// This body of a function with the calls in its last place put off until it has returned.
    fileprivate var withTailCalls: Node {
        switch kind {
        case .call where predicates.isEmpty && group == nil && !keepsArray:
            let lambda = Lambda(parameters: [], signature: nil, body: self, isThunk: true)
            let node = Node(.lambda(lambda), at: position)
            node.adopt(self)
            return node
        case .condition(let condition, let then, let otherwise):
            // `a ?: b` has one node twice, and its value is no call in last place.
            let newThen = condition === then ? then : then.withTailCalls
            kind = .condition(condition, then: newThen, otherwise: otherwise?.withTailCalls)
            adopt(newThen, otherwise)
            return self
        case .coalescing(let first, let second):
            kind = .coalescing(first, second.withTailCalls)
            return self
        case .block(let parts) where predicates.isEmpty && group == nil && !keepsArray:
            guard let last = parts.last else { return self }
            kind = .block(parts.dropLast() + [last.withTailCalls])
            return self
        default: return self
        }
    }
}
