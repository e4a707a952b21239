public import ShaleItems

/// The comparison operators of the API before expressions; the raw value is the word of a request.
///
/// In the order in which the service lists them.
public enum LegacyOperator: String, Sendable, Hashable, CaseIterable {
    /// One of several values.
    case isIn = "IN"
    /// There is no such attribute.
    case isAbsent = "NULL"
    /// Not below one value and not above another.
    case between = "BETWEEN"
    /// Below a value.
    case less = "LT"
    /// Does not hold a part or element.
    case notContains = "NOT_CONTAINS"
    /// Equal.
    case equal = "EQ"
    /// Above a value.
    case greater = "GT"
    /// There is such an attribute.
    case isPresent = "NOT_NULL"
    /// Not equal.
    case notEqual = "NE"
    /// Below a value or equal.
    case lessOrEqual = "LE"
    /// Begins with a text or with bytes.
    case beginsWith = "BEGINS_WITH"
    /// Above a value or equal.
    case greaterOrEqual = "GE"
    /// Holds a part or element.
    case contains = "CONTAINS"

    /// How many values it compares with.
    var operandCount: ClosedRange<Int> {
        switch self {
        case .isAbsent, .isPresent: 0...0
        case .between: 2...2
        case .isIn: 1...Int.max
        default: 1...1
        }
    }

    /// Whether it can compare with a value of this type.
    func takes(_ type: AttributeType) -> Bool {
        switch (self, type) {
        case (.isAbsent, _), (.isPresent, _), (.equal, _), (.notEqual, _): true
        case (.beginsWith, .string), (.beginsWith, .binary): true
        case (.beginsWith, _): false
        case (_, .string), (_, .number), (_, .binary): true
        case (.contains, .bool), (.contains, .null), (.notContains, .bool), (.notContains, .null):
            true
        default: false
        }
    }

    /// Whether a query can find its place in an index by it.
    var isIndexable: Bool {
        switch self {
        case .isAbsent, .isPresent, .notEqual, .contains, .notContains, .isIn: false
        default: true
        }
    }
}

/// One attribute with what must hold for it: an entry of `QueryFilter`, `ScanFilter`, `KeyConditions`
/// or, once `ExpectedAttribute` has checked it, of `Expected`.
public struct LegacyCondition: Sendable, Hashable {
    let name: String
    let comparison: LegacyOperator
    let values: [AttributeValue]

    /// Checks how many values there are, and their types.
    /// - Throws: `operandCount`, `operandType`, `bounds`.
    public init(
        _ name: String,
        _ comparison: LegacyOperator,
        _ values: [AttributeValue]
    ) throws(ExpressionError) {
        self.name = name
        self.comparison = comparison
        self.values = values
        guard comparison.operandCount.contains(values.count) else {
            throw .legacy(
                .operandCount,
                "Invalid number of argument(s) for the \(comparison.rawValue) ComparisonOperator"
            )
        }
        for value in values {
            do throws(ItemError) {
                try value.validate()
            } catch {
                throw ExpressionError(.operandType, kind: nil, message: error.message)
            }
            guard comparison.takes(value.type) else {
                throw .legacy(
                    .operandType,
                    "ComparisonOperator \(comparison.rawValue) is not valid for "
                        + "\(value.type.rawValue) AttributeValue type"
                )
            }
            guard value.type == values[0].type else {
                throw .legacy(
                    .operandType,
                    "AttributeValues inside AttributeValueList must be of same type"
                )
            }
        }
        if comparison == .between, Comparison.isSatisfied(values[0], .greater, values[1]) {
            throw ExpressionError(
                .bounds,
                kind: nil,
                message: "The BETWEEN condition was provided a range where the lower bound is "
                    + "greater than the upper bound"
            )
        }
    }

    /// The same as a condition of the expression language.
    var tree: ConditionTree {
        let path = DocumentPath(name)
        func compared(_ comparator: Comparator) -> ConditionTree {
            .comparison(.path(path), comparator, .value(values[0]))
        }
        return switch comparison {
        case .isAbsent: .notExists(path)
        case .isPresent: .exists(path)
        case .equal: compared(.equal)
        case .notEqual: compared(.notEqual)
        case .less: compared(.less)
        case .lessOrEqual: compared(.lessOrEqual)
        case .greater: compared(.greater)
        case .greaterOrEqual: compared(.greaterOrEqual)
        case .between: .between(.path(path), lower: .value(values[0]), upper: .value(values[1]))
        case .isIn: .isIn(.path(path), values.map(ConditionTree.Operand.value))
        case .beginsWith: .beginsWith(.path(path), .value(values[0]))
        case .contains: .contains(.path(path), .value(values[0]))
        case .notContains: .not(.contains(.path(path), .value(values[0])))
        }
    }
}

/// How the conditions of one parameter go together; the raw value is the word of a request.
public enum ConditionalOperator: String, Sendable, Hashable, CaseIterable {
    /// One of them is enough.
    case any = "OR"
    /// All of them.
    case all = "AND"
}

extension Condition {
    /// The condition that a map of attributes asks for; nil where it is empty and always holds.
    public init?(_ conditions: [LegacyCondition], joinedBy join: ConditionalOperator) {
        guard let first = conditions.first else { return nil }
        let trees = conditions.map(\.tree)
        switch join {
        case _ where trees.count == 1: self.init(tree: first.tree)
        case .all: self.init(tree: .all(trees))
        case .any: self.init(tree: .any(trees))
        }
    }
}

extension ExpressionError {
    /// What is wrong with a parameter of before expressions.
    static func legacy(_ code: Code, _ reason: String) -> ExpressionError {
        ExpressionError(
            code,
            kind: nil,
            message: "One or more parameter values were invalid: " + reason
        )
    }
}
