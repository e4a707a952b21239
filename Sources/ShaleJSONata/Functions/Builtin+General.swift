internal import ShaleJSON

/// Functions of any value, and those that end or begin an evaluation.
extension Builtin {
    static let general: [Builtin] = [
        Builtin("boolean", "<x-:b>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard !arguments[0].isUndefined else { return .undefined }
            return .bool(try evaluator.isTrue(arguments[0]))
        },
        Builtin("not", "<x-:b>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard !arguments[0].isUndefined else { return .undefined }
            return .bool(try !evaluator.isTrue(arguments[0]))
        },
        Builtin("exists", "<x:b>", arity: 1) { _, arguments throws(JSONataError) in
            .bool(!arguments[0].isUndefined)
        },
        Builtin("type", "<x:s>", arity: 1) { _, arguments throws(JSONataError) in
            switch arguments[0] {
            case .undefined: .undefined
            case .null: .string("null")
            case .bool: .string("boolean")
            case .number: .string("number")
            case .string: .string("string")
            case .array: .string("array")
            case .object, .tuple: .string("object")
            case .function: .string("function")
            }
        },
        Builtin("error", "<s?:x>", arity: 1) { _, arguments throws(JSONataError) in
            throw JSONataError(
                "D3137",
                message: arguments.string(0) ?? "$error() function evaluated"
            )
        },
        Builtin("assert", "<bs?:x>", arity: 2) { _, arguments throws(JSONataError) in
            guard arguments.bool(0) == true else {
                throw JSONataError(
                    "D3141",
                    message: arguments.string(1) ?? "$assert() statement failed"
                )
            }
            return .undefined
        },
        Builtin("clone", "<(oa)-:o>", arity: 1) { _, arguments throws(JSONataError) in
            // Values do not change, so one is as good as its copy.
            arguments[0]
        },
        Builtin("eval", "<sx?:x>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            let node: Node
            do throws(JSONataError) {
                let limit = min(Parser.depthLimit, evaluator.remainingDepth)
                node = try Parser.parse(text, depthLimit: limit)
            } catch {
                throw wrapped(error, "D3120")
            }
            var input = arguments[1].isUndefined ? arguments.input : arguments[1]
            if case .array(let array) = input, !array.isSequence {
                input = .array(ArrayValue([input], [.sequence, .outerWrapper]))
            }
            do throws(JSONataError) {
                return try evaluator.deeper { () throws(JSONataError) in
                    try evaluator.evaluate(node, input, arguments.frame)
                }
            } catch {
                throw wrapped(error, "D3121")
            }
        },
    ]

    /// The error of an evaluated text; a limit stays what it is.
    private static func wrapped(_ error: JSONataError, _ code: String) -> JSONataError {
        error.code.hasPrefix("U") ? error : JSONataError(code, value: .string(error.message))
    }
}
