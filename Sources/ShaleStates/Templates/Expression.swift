internal import OrderedCollections
internal import ShaleJSON

/// An expression of JSONata in a field of a state.
struct Expression: Sendable {
    /// The expression as failures quote it.
    let text: String
    /// The field as failures name it.
    let field: String

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
        throw DefinitionError(location, "JSONata is not there")
    }

    func evaluate(in evaluation: Evaluation) throws(StateFailure) -> JSONValue {
        throw .evaluation("JSONata is not there", at: field)
    }

    /// The failure of an expression whose value is of the wrong kind.
    func unexpected(_ value: JSONValue, expected: String) -> StateFailure {
        .evaluation(
            "The JSONata expression '\(text)' specified for the field '\(field)' returned an"
                + " unexpected result type. Expected '\(expected)', but was '\(value.kindName)'"
                + " for value: \(value.json)",
            at: field
        )
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
