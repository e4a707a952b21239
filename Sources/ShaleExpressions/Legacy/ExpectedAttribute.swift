public import ShaleItems

/// One entry of `Expected`: a value, the absence of one, or a comparison.
public struct ExpectedAttribute: Sendable, Hashable {
    /// The attribute's name.
    public var name: String
    /// What it must be, or what it is compared with.
    public var value: AttributeValue?
    /// Whether it must be there.
    public var exists: Bool?
    /// How it is compared.
    public var comparison: LegacyOperator?
    /// What it is compared with.
    public var values: [AttributeValue]?

    /// An entry that says nothing yet.
    public init(_ name: String) { self.name = name }

    /// The condition that it stands for.
    /// - Throws: `contradiction` for members that do not go together, and as `LegacyCondition.init`.
    public func condition() throws(ExpressionError) -> LegacyCondition {
        guard values == nil || value == nil else {
            throw contradiction("Value and AttributeValueList cannot be used together")
        }
        if let comparison { return try compared(comparison) }
        guard values == nil else {
            throw contradiction("AttributeValueList can only be used with a ComparisonOperator")
        }
        guard exists ?? true else {
            guard value == nil else {
                throw contradiction("Value cannot be used when Exists is false")
            }
            return try LegacyCondition(name, .isAbsent, [])
        }
        guard let value else {
            throw contradiction(
                "Value must be provided when Exists is \(exists == nil ? "null" : "true")"
            )
        }
        return try LegacyCondition(name, .equal, [value])
    }

    private func compared(
        _ comparison: LegacyOperator
    ) throws(ExpressionError) -> LegacyCondition {
        guard exists == nil else {
            throw contradiction("Exists and ComparisonOperator cannot be used together")
        }
        let given = values ?? value.map { [$0] }
        guard let given else {
            guard comparison.operandCount.contains(0) else {
                throw contradiction(
                    "Value or AttributeValueList must be used with ComparisonOperator: "
                        + comparison.rawValue
                )
            }
            return try LegacyCondition(name, comparison, [])
        }
        return try LegacyCondition(name, comparison, given)
    }

    private func contradiction(_ reason: String) -> ExpressionError {
        .legacy(.contradiction, "\(reason) for Attribute: \(name)")
    }
}
