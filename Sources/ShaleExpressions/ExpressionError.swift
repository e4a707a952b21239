/// Which parameter of a request an expression is; the raw value is its name there.
public enum ExpressionKind: String, Sendable, Hashable {
    /// The condition of a write.
    case condition = "ConditionExpression"
    /// What a query or scan returns of what it read.
    case filter = "FilterExpression"
    /// What an update changes.
    case update = "UpdateExpression"
    /// Which attributes are returned.
    case projection = "ProjectionExpression"
    /// Which keys a query reads.
    case keyCondition = "KeyConditionExpression"
}

/// What is wrong with an expression, its placeholders, or its use on an item: what, where and why.
public struct ExpressionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Sendable, Equatable {
        /// A token where the grammar has none.
        case syntax
        /// The expression has no tokens.
        case empty
        /// The expression is longer than 4 KB.
        case tooLong
        /// The expression has more operators, operands or levels than the limits allow.
        case tooComplex
        /// A bare attribute name is a reserved word.
        case reservedWord
        /// A `#name` that the request does not define.
        case undefinedName
        /// A `:value` that the request does not define.
        case undefinedValue
        /// A `#name` or `:value` of the request that no expression uses.
        case unusedPlaceholder
        /// The name of a placeholder is not `#` or `:` and letters, digits or underscores.
        case malformedPlaceholder
        /// No function has that name.
        case unknownFunction
        /// A function that exists, but not here.
        case misplacedFunction
        /// A function with too many or too few operands.
        case operandCount
        /// A literal operand of a type that its operator cannot take.
        case operandType
        /// An operand that must be a document path is none.
        case pathRequired
        /// Both operands are the same path.
        case sameOperands
        /// The bounds of `BETWEEN` are in the wrong order or of two types.
        case bounds
        /// Parentheses directly inside parentheses.
        case redundantParentheses
        /// A section of an update occurs twice.
        case repeatedSection
        /// One path contains another.
        case overlappingPaths
        /// Two paths need one value to be both a list and a map.
        case conflictingPaths
        /// A key condition that does not name one partition and at most a range of sort keys.
        case unsupportedKeyCondition
        /// Members of a parameter of before expressions that do not go together.
        case contradiction
        /// An attribute is named twice where it may be named once.
        case repeatedAttribute
        /// A statement with more or fewer `?` than its request has parameters.
        case parameterCount
        /// A statement that the language allows and the service does not.
        case unsupported
        /// A literal that no item may hold.
        case literal
        /// While an update was applied: an operand's attribute is not in the item.
        case missingOperand
        /// While an update was applied: an operand has the wrong type.
        case incorrectOperand
        /// While an update was applied: a path leads through something that is no map or list.
        case invalidPath
        /// While an update was applied: a sum is out of range.
        case number
    }

    /// What is wrong.
    public var code: Code
    /// In which parameter, when it is one.
    public var kind: ExpressionKind?
    /// Where, in bytes of the expression, when it is at one place.
    public var offset: Int?
    /// The whole message, in the service's words.
    public var message: String

    /// Makes an error with its whole message.
    public init(_ code: Code, kind: ExpressionKind?, offset: Int? = nil, message: String) {
        self.code = code
        self.kind = kind
        self.offset = offset
        self.message = message
    }

    /// An error in an expression: "Invalid <kind>: <reason>".
    init(_ code: Code, in kind: ExpressionKind, at offset: Int? = nil, _ reason: String) {
        self.init(
            code,
            kind: kind,
            offset: offset,
            message: "Invalid \(kind.rawValue): \(reason)"
        )
    }

    /// The message.
    public var description: String { message }
}
