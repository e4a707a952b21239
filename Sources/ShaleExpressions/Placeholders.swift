public import ShaleItems

/// The `#names` and `:values` of one request, and which of them its expressions used.
///
/// All expressions of a request are parsed against one value of this type; then `requireAllUsed()`
/// refuses what none of them used.
public struct Placeholders: Sendable {
    private let names: [String: String]
    private let values: [String: AttributeValue]
    private var usedNames: Set<String> = []
    private var usedValues: Set<String> = []

    /// No placeholders.
    public init() {
        names = [:]
        values = [:]
    }

    /// The placeholders of a request; nil stands for a parameter that was not given.
    /// - Throws: `empty` for a parameter without entries, `malformedPlaceholder`, `operandType` for a
    ///   value that no item may hold.
    public init(
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil
    ) throws(ExpressionError) {
        try Self.check(names?.keys, "ExpressionAttributeNames", sigil: UInt8(ascii: "#"))
        try Self.check(values?.keys, "ExpressionAttributeValues", sigil: UInt8(ascii: ":"))
        try Self.check(values ?? [:])
        self.names = names ?? [:]
        self.values = values ?? [:]
    }

    private static func check(_ values: [String: AttributeValue]) throws(ExpressionError) {
        // A dictionary has no order of its own: of several, the first by name is told.
        var wrong: (key: String, error: ItemError)?
        for (key, value) in values {
            do throws(ItemError) {
                try value.validate()
            } catch {
                if wrong.map({ key < $0.key }) ?? true { wrong = (key, error) }
            }
        }
        guard let wrong else { return }
        throw ExpressionError(
            .operandType,
            kind: nil,
            message: "ExpressionAttributeValues contains invalid value: "
                + "\(wrong.error.message) for key \(wrong.key)"
        )
    }

    private static func check<Keys: Collection<String>>(
        _ keys: Keys?,
        _ parameter: String,
        sigil: UInt8
    ) throws(ExpressionError) {
        guard let keys else { return }
        guard !keys.isEmpty else {
            throw ExpressionError(.empty, kind: nil, message: "\(parameter) must not be empty")
        }
        // A dictionary has no order of its own: of several, the first by name is told.
        guard let key = keys.filter({ !isWhole($0, sigil) }).min() else { return }
        throw ExpressionError(
            .malformedPlaceholder,
            kind: nil,
            message: "\(parameter) contains invalid key: Syntax error; key: \"\(key)\""
        )
    }

    private static func isWhole(_ key: String, _ sigil: UInt8) -> Bool {
        let bytes = key.utf8
        return bytes.first == sigil && bytes.count > 1
            && bytes.dropFirst().allSatisfy(Lexer.isNameByte)
            && bytes.count <= ExpressionLimits.placeholderSizeBytes
    }

    /// The attribute name behind `#name`, which then counts as used.
    mutating func name(_ placeholder: String) -> String? {
        guard let name = names[placeholder] else { return nil }
        usedNames.insert(placeholder)
        return name
    }

    /// The value behind `:value`, which then counts as used.
    mutating func value(_ placeholder: String) -> AttributeValue? {
        guard let value = values[placeholder] else { return nil }
        usedValues.insert(placeholder)
        return value
    }

    /// Refuses placeholders that no expression used.
    /// - Throws: `unusedPlaceholder`.
    public func requireAllUsed() throws(ExpressionError) {
        try Self.requireUsed(names.keys, usedNames, "ExpressionAttributeNames")
        try Self.requireUsed(values.keys, usedValues, "ExpressionAttributeValues")
    }

    private static func requireUsed(
        _ given: some Sequence<String>,
        _ used: Set<String>,
        _ parameter: String
    ) throws(ExpressionError) {
        let unused = given.filter { !used.contains($0) }.sorted().joined(separator: ", ")
        guard unused.isEmpty else {
            throw ExpressionError(
                .unusedPlaceholder,
                kind: nil,
                message: "Value provided in \(parameter) unused in expressions: keys: {\(unused)}"
            )
        }
    }
}
