internal import ShaleItems
internal import ShaleWire

/// Gathers what a request's members break of their shapes, to name all of it in one error.
///
///     2 validation errors detected: Value null at 'key' failed to satisfy constraint: Member must
///     not be null; Value '0' at 'limit' failed to satisfy constraint: …
struct Constraints {
    /// As many as one error names.
    static let maxProblems = 10
    private static let maxShownBytes = 1_024
    private var problems: [String] = []

    /// Notes a broken constraint.
    mutating func note(_ value: String?, at path: String, _ constraint: String) {
        guard problems.count < Self.maxProblems else { return }
        let shown = value.map { "'\(Self.shortened($0))'" } ?? "null"
        problems.append("Value \(shown) at '\(path)' failed to satisfy constraint: \(constraint)")
    }

    /// A client's text as far as an error repeats it: a body of megabytes must not come back.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= maxShownBytes ? text : String(text.prefix(maxShownBytes / 4)) + "…"
    }

    /// Notes that a member is missing.
    mutating func require(_ isPresent: Bool, _ path: String) {
        if !isPresent { note(nil, at: path, "Member must not be null") }
    }

    /// Notes that a number lies outside a range.
    mutating func check(_ value: Int?, in range: ClosedRange<Int>, at path: String) {
        guard let value else { return }
        if value < range.lowerBound {
            note(
                String(value),
                at: path,
                "Member must have value greater than or equal to \(range.lowerBound)"
            )
        } else if value > range.upperBound {
            note(
                String(value),
                at: path,
                "Member must have value less than or equal to \(range.upperBound)"
            )
        }
    }

    /// Notes that a text is shorter or longer than it may be.
    mutating func checkLength(of text: String, in range: ClosedRange<Int>, at path: String) {
        let count = text.utf8.count
        if count < range.lowerBound {
            let rule = "Member must have length greater than or equal to \(range.lowerBound)"
            note(text, at: path, rule)
        } else if count > range.upperBound {
            let rule = "Member must have length less than or equal to \(range.upperBound)"
            note(text, at: path, rule)
        }
    }

    /// Throws what was noted.
    func finish() throws(WireError) {
        guard !problems.isEmpty else { return }
        let plural = problems.count == 1 ? "error" : "errors"
        throw .validation(
            "\(problems.count) validation \(plural) detected: " + problems.joined(separator: "; ")
        )
    }

    /// Throws what was noted, of which `value`'s absence must be a part; else gives the value.
    func required<Value>(_ value: Value?, _ name: String) throws(WireError) -> Value {
        try finish()
        guard let value else {
            throw .validation(
                "The parameter '\(name)' is required but was not present in the request"
            )
        }
        return value
    }
}

extension JSONReader {
    /// Reads one of an enumeration's words; another word is noted and gives nil.
    mutating func readChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type,
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> Choice? {
        let text = try readString()
        for choice in Choice.allCases where choice.rawValue.utf8.elementsEqual(text.utf8) {
            return choice
        }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        constraints.note(text, at: path, "Member must satisfy enum value set: [\(words)]")
        return nil
    }

    /// Reads a map of strings.
    mutating func readNames() throws(WireError) -> [String: String] {
        var names: [String: String] = [:]
        try readMap { (reader, name) throws(WireError) in names[name] = try reader.readString() }
        return names
    }

    /// Reads a map of values.
    mutating func readValues() throws(WireError) -> [String: AttributeValue] {
        var values: [String: AttributeValue] = [:]
        try readMap { (reader, name) throws(WireError) in
            values[name] = try reader.readAttributeValue()
        }
        return values
    }

    /// Refuses a parameter that the API had before expressions.
    func legacy(_ name: String, insteadUse replacement: String) -> WireError {
        .validation(
            "The legacy parameter '\(name)' is not supported by this server; use \(replacement)."
        )
    }
}
