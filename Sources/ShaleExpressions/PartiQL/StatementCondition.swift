import ShaleItems

/// Parses `WHERE` by recursive descent, into the trees that expressions are made of.
///
///     or         = and { OR and }
///     and        = not { AND not }
///     not        = NOT not | predicate
///     predicate  = primary [ comparator primary | [NOT] BETWEEN primary AND primary
///                          | [NOT] IN choices | IS [NOT] type ]
///     choices    = "(" primary { "," primary } ")" | "[" primary { "," primary } "]" | ?
///     primary    = "(" or ")" | function "(" … ")" | path | literal
///
/// A primary is an operand or a condition; where each may stand is checked as the tree is built.
struct StatementCondition {
    var cursor: StatementCursor

    /// What a part of the text turned out to be.
    enum Part {
        case condition(ConditionTree)
        case operand(ConditionTree.Operand)
    }

    /// Reads a condition; the cursor stands behind it afterwards.
    static func read(
        _ cursor: inout StatementCursor
    ) throws(ExpressionError) -> Condition {
        var parser = StatementCondition(cursor: cursor)
        let part = try parser.parseOr()
        let tree = try parser.requireCondition(part)
        cursor = parser.cursor
        return Condition(tree: tree)
    }

    private mutating func parseOr() throws(ExpressionError) -> Part {
        let first = try parseAnd()
        guard cursor.token.isKeyword("OR") else { return first }
        var parts = [try requireCondition(first)]
        while cursor.skipKeyword("OR") {
            try beginRightSide()
            let part = try parseAnd()
            parts.append(try requireCondition(part))
        }
        return .condition(.any(parts))
    }

    private mutating func parseAnd() throws(ExpressionError) -> Part {
        let first = try parseNot()
        guard cursor.token.isKeyword("AND") else { return first }
        var parts = [try requireCondition(first)]
        while cursor.skipKeyword("AND") {
            try beginRightSide()
            let part = try parseNot()
            parts.append(try requireCondition(part))
        }
        return .condition(.all(parts))
    }

    private mutating func parseNot() throws(ExpressionError) -> Part {
        guard cursor.skipKeyword("NOT") else { return try parsePredicate() }
        try cursor.countOperator()
        try cursor.descend()
        let part = try parseNot()
        cursor.ascend()
        return .condition(.not(try requireCondition(part)))
    }

    private mutating func parsePredicate() throws(ExpressionError) -> Part {
        let first = try parsePrimary()
        if cursor.token.kind == .symbol,
            let comparator = Comparator(statementToken: cursor.token.text)
        {
            return .condition(try parseComparison(of: first, comparator))
        }
        guard cursor.token.kind == .word else { return first }
        return try parseKeywordPredicate(of: first)
    }

    @inline(never)
    private mutating func parseKeywordPredicate(
        of first: Part
    ) throws(ExpressionError) -> Part {
        if cursor.skipKeyword("IS") { return .condition(try parseIs(of: first)) }
        let isNegated =
            cursor.token.isKeyword("NOT")
            && (cursor.following.isKeyword("IN") || cursor.following.isKeyword("BETWEEN"))
        if isNegated { cursor.advance() }
        let tree: ConditionTree
        if cursor.skipKeyword("BETWEEN") {
            tree = try parseBetween(of: first)
        } else if cursor.skipKeyword("IN") {
            tree = try parseIn(of: first)
        } else {
            return first
        }
        return .condition(isNegated ? .not(tree) : tree)
    }

    /// Counts an operator, behind which something must follow.
    @inline(never)
    private mutating func beginRightSide() throws(ExpressionError) {
        try cursor.countOperator()
        guard !cursor.isAtEnd else {
            throw cursor.notWellFormed("Missing right-hand side expression of infix operator")
        }
    }

    @inline(never)
    private mutating func parseComparison(
        of first: Part,
        _ comparator: Comparator
    ) throws(ExpressionError) -> ConditionTree {
        cursor.advance()
        try beginRightSide()
        let second = try parsePrimary()
        if case .condition(let tree) = first {
            return try compared(tree, comparator, with: second)
        }
        let (left, right) = (try requireOperand(first), try requireOperand(second))
        try cursor.check(comparator, left, right)
        return .comparison(left, comparator, right)
    }

    /// `attribute_exists(a) = true`: the condition itself, or its opposite.
    private func compared(
        _ tree: ConditionTree,
        _ comparator: Comparator,
        with part: Part
    ) throws(ExpressionError) -> ConditionTree {
        guard !comparator.isOrdering, case .operand(.value(.bool(let flag))) = part else {
            throw cursor.unexpectedTerm()
        }
        return flag == (comparator == .equal) ? tree : .not(tree)
    }

    @inline(never)
    private mutating func parseBetween(of first: Part) throws(ExpressionError) -> ConditionTree {
        let operand = try requireOperand(first)
        try beginRightSide()
        let lower = try parseOperand()
        guard cursor.skipKeyword("AND") else { throw cursor.notWellFormed("Expected AND") }
        let upper = try parseOperand()
        try cursor.checkBetween(operand, lower, upper)
        return .between(operand, lower: lower, upper: upper)
    }

    @inline(never)
    private mutating func parseIn(of first: Part) throws(ExpressionError) -> ConditionTree {
        let operand = try requireOperand(first)
        try beginRightSide()
        return .isIn(operand, try parseChoices())
    }

    private mutating func parseChoices() throws(ExpressionError) -> [ConditionTree.Operand] {
        if cursor.token.kind == .parameter {
            guard case .list(let list) = try cursor.readParameter() else {
                throw cursor.unexpectedTerm()
            }
            try cursor.checkChoices(list.count)
            return list.map { .value($0) }
        }
        let isBracket = cursor.skipSymbol("[")
        guard isBracket || cursor.skipSymbol("(") else { throw cursor.unexpectedTerm() }
        var choices: [ConditionTree.Operand] = []
        repeat {
            choices.append(try parseOperand())
        } while cursor.skipSymbol(",")
        if isBracket {
            try cursor.expectSymbol("]", "RIGHT_BRACKET")
        } else {
            try cursor.expectSymbol(")", "RIGHT_PAREN")
        }
        try cursor.checkChoices(choices.count)
        return choices
    }

    private mutating func parseOperand() throws(ExpressionError) -> ConditionTree.Operand {
        let part = try parsePrimary()
        return try requireOperand(part)
    }

    private mutating func parsePrimary() throws(ExpressionError) -> Part {
        if cursor.token.isSymbol("(") { return try parseParentheses() }
        if cursor.isAtFunction, !cursor.token.isKeyword("NOT") { return try parseFunction() }
        if cursor.isAtLiteral { return .operand(.value(try cursor.readLiteral())) }
        return .operand(.path(try cursor.readPath()))
    }

    private mutating func parseParentheses() throws(ExpressionError) -> Part {
        cursor.advance()
        try cursor.descend()
        let inner = try parseOr()
        try cursor.expectSymbol(")", "RIGHT_PAREN")
        cursor.ascend()
        return inner
    }

    /// Refuses an operand where a condition must stand.
    @inline(never)
    private func requireCondition(_ part: Part) throws(ExpressionError) -> ConditionTree {
        guard case .condition(let tree) = part else { throw cursor.unexpectedTerm() }
        return tree
    }

    /// Refuses a condition where an operand must stand.
    @inline(never)
    private func requireOperand(_ part: Part) throws(ExpressionError) -> ConditionTree.Operand {
        guard case .operand(let operand) = part else { throw cursor.unexpectedTerm() }
        return operand
    }
}

/// Functions.
extension StatementCondition {
    @inline(never)
    private mutating func parseFunction() throws(ExpressionError) -> Part {
        let name = cursor.token
        let known = name.text.lowercased()
        guard let function = ConditionFunction(rawValue: known) else {
            throw cursor.error(.unknownFunction, "Unrecognized function: \(known)", at: name)
        }
        try cursor.countOperator()
        cursor.advance()
        cursor.advance()
        try cursor.descend()
        var operands: [ConditionTree.Operand] = []
        if !cursor.token.isSymbol(")") {
            repeat {
                operands.append(try parseOperand())
            } while cursor.skipSymbol(",")
        }
        try cursor.expectSymbol(")", "RIGHT_PAREN")
        cursor.ascend()
        guard operands.count == function.operandCount else {
            throw cursor.operandCount(known, operands.count)
        }
        return try part(function, operands)
    }

    @inline(never)
    private func part(
        _ function: ConditionFunction,
        _ operands: [ConditionTree.Operand]
    ) throws(ExpressionError) -> Part {
        switch function {
        case .size:
            try cursor.checkSize(operands[0])
            return .operand(.size(operands[0]))
        case .exists: return .condition(.exists(try cursor.path(operands[0], of: function)))
        case .notExists: return .condition(.notExists(try cursor.path(operands[0], of: function)))
        case .type:
            let path = try cursor.path(operands[0], of: function)
            return .condition(.hasType(path, try type(named: operands[1])))
        case .beginsWith:
            try cursor.checkBeginsWith(operands)
            return .condition(.beginsWith(operands[0], operands[1]))
        case .contains:
            try cursor.checkDistinct(function.rawValue, operands[0], operands[1])
            return .condition(.contains(operands[0], operands[1]))
        }
    }

    /// The same as in expressions, except for the order in which the types are listed.
    private func type(
        named operand: ConditionTree.Operand
    ) throws(ExpressionError) -> AttributeType {
        if case .value(.string(let name)) = operand, AttributeType(rawValue: name) == nil {
            throw cursor.error(
                .operandType,
                "Invalid attribute type name found; type: \(name), "
                    + "valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
            )
        }
        return try cursor.typeName(operand)
    }
}
