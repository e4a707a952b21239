internal import OrderedCollections
internal import ShaleJSON
internal import ShaleJSONata

/// An expression of JSONata in a field of a state, parsed once.
struct Expression: Sendable {
    /// The expression as failures quote it.
    let text: String
    /// The field as failures name it.
    let field: String
    private let expression: JSONataExpression

    /// What stands between `{%` and `%}`; nil where a text is no expression.
    static func source(in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 4, text.hasPrefix("{%"), text.hasSuffix("%}") else { return nil }
        let inner = bytes[2..<(bytes.count - 2)]
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        guard let first = inner.firstIndex(where: { !isSpace($0) }),
            let last = inner.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: inner[first...last], as: UTF8.self)
    }

    init(_ text: String, field: String, at location: String) throws(DefinitionError) {
        self.text = text
        self.field = field
        do {
            expression = try JSONataExpression.parse(text)
        } catch {
            throw DefinitionError(location, "no JSONata: \(error.code): \(error.message)")
        }
    }

    /// The value of the expression, in which `$states` and the variables of the machine are bound.
    ///
    /// - Throws: `States.QueryEvaluationError` where the expression fails or has no value.
    func evaluate(in evaluation: Evaluation) throws(StateFailure) -> JSONValue {
        let value: JSONValue?
        do {
            value = try expression.evaluate(
                nil,
                bindings: evaluation.bindings,
                library: Self.library,
                context: EvaluationContext(now: evaluation.now, seed: evaluation.random.next())
            )
        } catch {
            throw failure("threw an error during evaluation" + Self.reason(of: error))
        }
        guard let value else { throw failure("returned nothing (undefined).") }
        return value
    }

    private static let library = JSONataLibrary.stepFunctions { algorithm, bytes in
        HashAlgorithm(rawValue: algorithm)?.digest(bytes)
    }

    /// An error with its code; what ran into a limit has none in the service's words.
    private static func reason(of error: JSONataError) -> String {
        switch error.code {
        case "U1001":
            ": Stack overflow error: Check for non-terminating recursive function."
                + " Consider rewriting as tail-recursive"
        case "U1002":
            ": Expression evaluation memory limit exceeded: Check for excessive memory usage"
        default: ". \(error.code): \(error.message)"
        }
    }

    private func failure(_ what: String) -> StateFailure {
        .evaluation(
            "The JSONata expression '\(text)' specified for the field '\(field)' \(what)",
            at: field
        )
    }

    /// The failure of an expression whose value is of the wrong kind.
    func unexpected(_ value: JSONValue, expected: String) -> StateFailure {
        failure(
            "returned an unexpected result type. Expected '\(expected)', but was"
                + " '\(value.kindName)' for value: \(value.json)"
        )
    }
}

extension Evaluation {
    /// What expressions find by name: `$states`, and the variables of the scope and of those around it.
    fileprivate var bindings: [String: JSONValue] {
        var bindings: [String: JSONValue] = [:]
        for scope in variables.reversed() {
            for (name, value) in scope { bindings[name] = value }
        }
        var states: JSONObject = ["input": input]
        if let result { states["result"] = result }
        if let errorOutput { states["errorOutput"] = errorOutput }
        states["context"] = context.value
        bindings["states"] = .object(states)
        return bindings
    }
}

extension JSONValue {
    /// The kind of a value as the messages of the service name it.
    var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
