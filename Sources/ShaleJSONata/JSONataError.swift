package import ShaleJSON

/// Why an expression is none, or has no value: JSONata's own code, and where.
///
/// The first letter of a code says who is at fault: S the text of the expression, T the type of a value, D the
/// value itself, U a limit of this evaluation.
package struct JSONataError: Error, Equatable, Sendable {
    // One word wide: every frame of the evaluator has room for an error, and they stand hundreds deep.
    private let storage: Storage

    private final class Storage: Sendable {
        let code: String
        let position: Int?
        let token: String?
        let value: JSONValue?
        let otherValue: JSONValue?
        let index: Int?
        let ownMessage: String?

        init(
            _ code: String,
            _ position: Int?,
            _ token: String?,
            _ value: JSONValue?,
            _ otherValue: JSONValue?,
            _ index: Int?,
            _ ownMessage: String?
        ) {
            self.code = code
            self.position = position
            self.token = token
            self.value = value
            self.otherValue = otherValue
            self.index = index
            self.ownMessage = ownMessage
        }
    }

    package init(
        _ code: String,
        position: Int? = nil,
        token: String? = nil,
        value: JSONValue? = nil,
        otherValue: JSONValue? = nil,
        index: Int? = nil,
        message: String? = nil
    ) {
        storage = Storage(code, position, token, value, otherValue, index, message)
    }

    package static func == (left: JSONataError, right: JSONataError) -> Bool {
        left.code == right.code && left.position == right.position && left.token == right.token
            && left.value == right.value && left.otherValue == right.otherValue
            && left.index == right.index && left.ownMessage == right.ownMessage
    }

    package var code: String { storage.code }
    /// How many characters of the expression stand before the end of the token at fault; nil where unknown.
    package var position: Int? { storage.position }
    /// The operator, name or word at fault.
    package var token: String? { storage.token }
    /// The value at fault, if it is one that JSON can say.
    package var value: JSONValue? { storage.value }
    /// The other value of the two that do not go together.
    package var otherValue: JSONValue? { storage.otherValue }
    /// Which argument of a function, counted from 1.
    package var index: Int? { storage.index }
    /// What `$error`, `$assert` or a function of the caller says in its own words.
    package var ownMessage: String? { storage.ownMessage }

    /// The sentence for people, with token and values filled in as JSON.
    package var message: String {
        if let ownMessage { return ownMessage }
        guard let template = Self.templates[code] else { return "Unknown error" }
        var text = template
        let plain = token ?? ""
        text = text.replacing("{{{token}}}", with: plain)
        text = text.replacing("{{token}}", with: JSONValue.string(plain).json)
        text = text.replacing("{{value}}", with: value?.json ?? "undefined")
        text = text.replacing("{{value2}}", with: otherValue?.json ?? "undefined")
        text = text.replacing("{{index}}", with: index.map(String.init) ?? "undefined")
        return text
    }

    /// The same error, with the place of a call where it has none of its own.
    func at(_ position: Int, token: String?) -> JSONataError {
        JSONataError(
            code,
            position: self.position ?? position,
            token: self.token ?? token,
            value: value,
            otherValue: otherValue,
            index: index,
            message: ownMessage
        )
    }
}

extension String {
    /// This text with every occurrence of one text replaced by another.
    fileprivate func replacing(_ part: String, with other: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
