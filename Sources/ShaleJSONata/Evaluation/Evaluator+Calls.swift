internal import OrderedCollections
internal import ShaleJSON

/// How functions are called, in part called, and chained.
extension Evaluator {
    func call(
        _ node: Node,
        _ procedure: Node,
        _ arguments: [Node],
        _ input: Value,
        _ frame: Frame,
        first: Value? = nil
    ) throws(JSONataError) -> Value {
        let value = try evaluate(procedure, input, frame)
        guard case .function(let function) = value else {
            throw notFunction(procedure, frame, node.position, didMean: "T1005", "T1006")
        }
        var values: [Value] = []
        values.reserveCapacity(arguments.count + 1)
        if let first { values.append(first) }
        for argument in arguments { values.append(try evaluate(argument, input, frame)) }
        do throws(JSONataError) {
            return try apply(function, values, input, frame)
        } catch {
            throw error.at(node.position, token: procedure.word)
        }
    }

    private func notFunction(
        _ procedure: Node,
        _ frame: Frame,
        _ position: Int,
        didMean: String,
        _ otherwise: String
    ) -> JSONataError {
        if case .path(let steps) = procedure.kind, case .name(let name) = steps[0].kind,
            !frame.lookup(name).isUndefined
        {
            return JSONataError(didMean, position: position, token: name)
        }
        return JSONataError(otherwise, position: position, token: procedure.word)
    }

    func partial(
        _ node: Node,
        _ procedure: Node,
        _ arguments: [Node?],
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var values: [Value?] = []
        for argument in arguments {
            if let argument {
                values.append(try evaluate(argument, input, frame))
            } else {
                values.append(nil)
            }
        }
        let value = try evaluate(procedure, input, frame)
        guard case .function(let function) = value else {
            throw notFunction(procedure, frame, node.position, didMean: "T1007", "T1008")
        }
        return .function(Function(.partial(function, values)))
    }

    /// `a ~> b`: the function b of a, or of the arguments of a call b with a before them.
    func application(
        _ node: Node,
        _ left: Node,
        _ right: Node,
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        let first = try evaluate(left, input, frame)
        if case .call(let procedure, let arguments) = right.kind {
            var result = try call(right, procedure, arguments, input, frame, first: first)
            for case .filter(let predicate) in right.predicates {
                result = try filter(result, by: predicate, frame)
            }
            return result
        }
        let value = try evaluate(right, input, frame)
        guard case .function(let function) = value else {
            throw JSONataError("T2006", position: node.position, value: value.errorValue)
        }
        if case .function(let inner) = first {
            return .function(Function(.chain(inner, function)))
        }
        do throws(JSONataError) {
            return try apply(function, [first], input, frame)
        } catch {
            throw error.at(node.position, token: right.word)
        }
    }

    /// Calls a function, and then what it has put off to its end.
    func apply(
        _ function: Function,
        _ arguments: [Value],
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var result = try applyOnce(function, arguments, input, frame)
        while case .function(let returned) = result, let thunk = returned.thunk {
            guard case .call(let procedure, let argumentNodes) = thunk.call.kind else { break }
            try spend()
            let next = try evaluate(procedure, thunk.input, thunk.frame)
            guard case .function(let nextFunction) = next else {
                throw notFunction(
                    procedure,
                    thunk.frame,
                    thunk.call.position,
                    didMean: "T1005",
                    "T1006"
                )
            }
            var values: [Value] = []
            for node in argumentNodes {
                values.append(try evaluate(node, thunk.input, thunk.frame))
            }
            do throws(JSONataError) {
                result = try applyOnce(nextFunction, values, thunk.input, thunk.frame)
            } catch {
                throw error.at(thunk.call.position, token: procedure.word)
            }
        }
        return result
    }

    private func applyOnce(
        _ function: Function,
        _ arguments: [Value],
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        var values = arguments
        if let signature = function.signature {
            values = try signature.validated(arguments, context: input.withoutWrapper)
        }
        for value in values where value.depth > 1 { try check(value) }
        switch function.kind {
        case .lambda(let lambda, let lambdaInput, let outer):
            let inner = Frame(parent: outer)
            for (index, name) in lambda.parameters.enumerated() {
                inner.bind(name, index < values.count ? values[index] : .undefined)
            }
            return try evaluate(lambda.body, lambdaInput, inner)
        case .builtin(let builtin):
            return try builtin.body(self, Arguments(values: values, input: input, frame: frame))
        default: return try applyRare(function, values, input, frame)
        }
    }

    private func applyRare(
        _ function: Function,
        _ values: [Value],
        _ input: Value,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        switch function.kind {
        case .external(let external): return try applyExternal(external, values)
        case .pattern(let pattern):
            guard case .string(let text)? = values.first else { return .undefined }
            return try match(pattern, Array(text.unicodeScalars), from: 0)
        case .nextMatch(let pattern, let text, let offset):
            return try nextMatch(pattern, text, from: offset)
        case .partial(let inner, let given):
            var rest = values[...]
            let all = given.map { $0 ?? rest.popFirst() ?? .undefined }
            return try deeper { () throws(JSONataError) in try apply(inner, all, input, frame) }
        case .chain(let first, let second):
            let value = try deeper { () throws(JSONataError) in
                try apply(first, Array(values.prefix(1)), input, frame)
            }
            return try deeper { () throws(JSONataError) in
                try apply(second, [value], input, frame)
            }
        case .transform(let node, let outer):
            guard case .transform(let pattern, let update, let delete) = node.kind else {
                return .undefined
            }
            let source = values.first ?? .undefined
            return try transformed(source, pattern, update, delete, node.position, outer)
        case .lambda, .builtin: preconditionFailure("the caller has taken these")
        }
    }

    private func applyExternal(
        _ function: JSONataFunction,
        _ values: [Value]
    ) throws(JSONataError) -> Value {
        var arguments: [JSONValue?] = []
        for value in values { arguments.append(try value.json()) }
        let tools = JSONataFunction.Tools(evaluator: self)
        guard let result = try function.body(arguments, tools) else { return .undefined }
        try charge(result.approximateSize)
        return Value(result)
    }

    /// Calls a function that a higher function got, with as many arguments as it takes.
    func callBack(
        _ function: Function,
        _ arguments: [Value],
        _ call: Arguments
    ) throws(JSONataError) -> Value {
        try spend()
        let fitting = Array(arguments.prefix(max(1, function.arity)))
        return try deeper { () throws(JSONataError) in
            try apply(function, fitting, call.input, call.frame)
        }
    }
}

extension Value {
    /// An input that is an array without the array around it.
    var withoutWrapper: Value {
        if case .array(let array) = self, array.flags.contains(.outerWrapper), array.count == 1 {
            return array[0]
        }
        return self
    }
}

extension JSONValue {
    /// Roughly how many bytes this takes in memory.
    var approximateSize: Int {
        switch self {
        case .string(let text): 16 + text.utf8.count
        case .array(let elements): elements.reduce(16) { $0 + $1.approximateSize }
        case .object(let members):
            members.reduce(16) { $0 + 16 + $1.key.utf8.count + $1.value.approximateSize }
        default: 16
        }
    }
}
