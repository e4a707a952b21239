import ShaleItems

/// The functions of conditions; the raw value is the name, whose case matters.
enum ConditionFunction: String {
    case exists = "attribute_exists"
    case notExists = "attribute_not_exists"
    case type = "attribute_type"
    case beginsWith = "begins_with"
    case contains = "contains"
    case size = "size"

    var operandCount: Int {
        switch self {
        case .exists, .notExists, .size: 1
        case .type, .beginsWith, .contains: 2
        }
    }
}

extension ConditionTree {
    /// The function at the root of the tree, if there is one.
    var functionName: String? {
        switch self {
        case .exists: ConditionFunction.exists.rawValue
        case .notExists: ConditionFunction.notExists.rawValue
        case .hasType: ConditionFunction.type.rawValue
        case .beginsWith: ConditionFunction.beginsWith.rawValue
        case .contains: ConditionFunction.contains.rawValue
        default: nil
        }
    }
}

/// What reads the text of a condition, and says where it stands when an operand is wrong.
protocol OperandChecks {
    /// An error at the token under the cursor.
    func error(_ code: ExpressionError.Code, _ reason: String) -> ExpressionError
}

extension TokenCursor: OperandChecks {}

/// What can be said of operands before any item is seen: types of literals, equal operands, bounds.
///
/// Errors stand at the token under the cursor, right behind the operands. Functions of a cursor, never
/// inlined, so that what they need lies on no frame of the parser's recursion.
extension OperandChecks {
    @inline(never)
    func check(
        _ comparator: Comparator,
        _ left: ConditionTree.Operand,
        _ right: ConditionTree.Operand
    ) throws(ExpressionError) {
        try checkDistinct(comparator.rawValue, left, right)
        guard comparator.isOrdering else { return }
        for operand in [left, right] { try checkOrdered(operand, comparator.rawValue) }
    }

    @inline(never)
    func checkDistinct(
        _ function: String,
        _ left: ConditionTree.Operand,
        _ right: ConditionTree.Operand
    ) throws(ExpressionError) {
        guard case .path(let path) = left, left == right else { return }
        throw error(
            .sameOperands,
            "The first operand must be distinct from the remaining operands for this operator "
                + "or function; operator: \(function), first operand: \(path)"
        )
    }

    @inline(never)
    func checkBetween(
        _ operand: ConditionTree.Operand,
        _ lower: ConditionTree.Operand,
        _ upper: ConditionTree.Operand
    ) throws(ExpressionError) {
        for operand in [operand, lower, upper] { try checkOrdered(operand, "BETWEEN") }
        guard case .value(let low) = lower, case .value(let high) = upper else { return }
        let bounds =
            "lower bound operand: \(low.printed), upper bound operand: \(high.printed)"
        guard low.type == high.type else {
            throw error(
                .bounds,
                "The BETWEEN operator requires same data type for lower and upper bounds; "
                    + bounds
            )
        }
        guard Comparison.isSatisfied(low, .lessOrEqual, high) else {
            throw error(
                .bounds,
                "The BETWEEN operator requires upper bound to be greater than or equal to lower "
                    + "bound; " + bounds
            )
        }
    }

    func checkChoices(_ count: Int) throws(ExpressionError) {
        guard count <= ExpressionLimits.inOperands else {
            throw error(
                .operandCount,
                "The IN operator is provided with too many operands; number of operands: \(count)"
            )
        }
    }

    @inline(never)
    func operandCount(_ function: String, _ count: Int) -> ExpressionError {
        error(
            .operandCount,
            "Incorrect number of operands for operator or function; "
                + "operator or function: \(function), number of operands: \(count)"
        )
    }

    var redundantParentheses: ExpressionError {
        error(.redundantParentheses, "The expression has redundant parentheses;")
    }

    @inline(never)
    func checkBeginsWith(_ operands: [ConditionTree.Operand]) throws(ExpressionError) {
        for operand in operands {
            guard case .value(let value) = operand else { continue }
            guard value.type == .string || value.type == .binary else {
                throw incorrectType(ConditionFunction.beginsWith.rawValue, value)
            }
        }
        try checkDistinct(ConditionFunction.beginsWith.rawValue, operands[0], operands[1])
    }

    @inline(never)
    func checkSize(_ operand: ConditionTree.Operand) throws(ExpressionError) {
        switch operand {
        case .path: return
        case .size: throw misplaced(ConditionFunction.size.rawValue)
        case .value(let value):
            guard Comparison.size(of: value) != nil else {
                throw incorrectType(ConditionFunction.size.rawValue, value)
            }
        }
    }

    @inline(never)
    func path(
        _ operand: ConditionTree.Operand,
        of function: ConditionFunction
    ) throws(ExpressionError) -> DocumentPath {
        guard case .path(let path) = operand else {
            throw error(
                .pathRequired,
                "Operator or function requires a document path; "
                    + "operator or function: \(function.rawValue)"
            )
        }
        return path
    }

    @inline(never)
    func typeName(_ operand: ConditionTree.Operand) throws(ExpressionError) -> AttributeType {
        guard case .value(let value) = operand else {
            var type = "N"
            // A path may have any type; the service lists them all, in no order of its own.
            if case .path = operand { type = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}" }
            throw error(
                .operandType,
                "Incorrect operand type for operator or function; "
                    + "operator or function: attribute_type, operand type: \(type)"
            )
        }
        guard case .string(let name) = value else {
            throw incorrectType(ConditionFunction.type.rawValue, value)
        }
        guard let type = AttributeType(rawValue: name) else {
            throw error(
                .operandType,
                "Invalid attribute type name found; type: \(name), "
                    + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
            )
        }
        return type
    }

    @inline(never)
    func misplaced(_ function: String) -> ExpressionError {
        error(
            .misplacedFunction,
            "The function is not allowed to be used this way in an expression; "
                + "function: \(function)"
        )
    }

    private func checkOrdered(
        _ operand: ConditionTree.Operand,
        _ function: String
    ) throws(ExpressionError) {
        guard case .value(let value) = operand else { return }
        switch value.type {
        case .string, .number, .binary: return
        default: throw incorrectType(function, value)
        }
    }

    private func incorrectType(_ function: String, _ value: AttributeValue) -> ExpressionError {
        error(
            .operandType,
            "Incorrect operand type for operator or function; "
                + "operator or function: \(function), operand type: \(value.type.rawValue)"
        )
    }
}

extension TokenCursor {
    @inline(never)
    func unknownFunction(_ name: String) -> ExpressionError {
        guard UpdateFunction(rawValue: name) != nil else {
            return error(.unknownFunction, "Invalid function name; function: \(name)")
        }
        let place = kind == .filter ? "filter" : "condition"
        return error(
            .misplacedFunction,
            "The function is not allowed in a \(place) expression; function: \(name)"
        )
    }
}

extension AttributeValue {
    /// A value as the service prints it in messages: "AttributeValue: {S:a}".
    var printed: String {
        let content =
            switch self {
            case .string(let text): text
            case .number(let number): number.description
            case .binary(let bytes): "\(bytes.count) bytes"
            default: "…"
            }
        return "AttributeValue: {\(type.rawValue):\(content)}"
    }
}
