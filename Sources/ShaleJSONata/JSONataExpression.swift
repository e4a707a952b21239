package import ShaleJSON

/// An expression of JSONata, parsed once and evaluated as often as wanted, from any thread.
///
/// JSONata 2 as its documentation has it; `Docs/JSONata.md` says where this differs. Nothing here reads a clock,
/// makes chance or waits: the context brings the time and the seed.
///
/// An evaluation needs up to 2 KiB of stack for each level of `EvaluationContext.Limits.depth` in a release
/// build, 400 KiB with the default.
package struct JSONataExpression: Sendable {
    /// The text that was parsed.
    package let text: String
    let root: Node

    private init(text: String, root: Node) {
        self.text = text
        self.root = root
    }

    /// Parses an expression, in time that grows with its length only.
    ///
    /// - Throws: An error whose code begins with S, or `U1001` where expressions stand too deep.
    package static func parse(_ text: String) throws(JSONataError) -> JSONataExpression {
        JSONataExpression(text: text, root: try Parser.parse(text))
    }

    /// The value of the expression for an input; nil where it is undefined.
    ///
    /// The input is what `$` and `$$` are, nil for undefined; bindings are variables by their names without the `$`;
    /// the library has the functions that may be called.
    ///
    /// Numbers are doubles while they are worked on; what is whole and at most 2^53 comes out as an integer. A
    /// function in the result comes out as the empty string.
    ///
    /// Throws the error of the expression, or a code that begins with U where a limit is reached.
    package func evaluate(
        _ input: JSONValue?,
        bindings: [String: JSONValue] = [:],
        library: JSONataLibrary = .standard,
        context: EvaluationContext
    ) throws(JSONataError) -> JSONValue? {
        let evaluator = Evaluator(context: context, library: library)
        var globals: [String: Value] = [:]
        for (name, value) in bindings { globals[name] = Value(value) }
        let document = input.map(Value.init) ?? .undefined
        globals["$"] = document
        let frame = Frame(globals: globals, library: library)
        var start = document
        if case .array = document {
            start = .array(ArrayValue([document], [.sequence, .outerWrapper]))
        }
        return try evaluator.evaluate(root, start, frame).json(size: context.limits.size)
    }
}
