import ShaleItems

/// Parses conditions by recursive descent.
///
///     or          = and { OR and }
///     and         = not { AND not }
///     not         = NOT not | comparison
///     comparison  = primary [ comparator primary | BETWEEN primary AND primary
///                           | IN "(" primary { "," primary } ")" ]
///     primary     = "(" or ")" | function "(" … ")" | path | :value
///
/// A primary is an operand or a condition; where each may stand is checked as the tree is built, so
/// that parentheses need no lookahead.
struct ConditionParser {
    private var cursor: TokenCursor
    /// The tokens of the parentheses that were closed last.
    private var lastGroup: Range<Int>?

    private init(cursor: TokenCursor) { self.cursor = cursor }

    /// What a part of the text turned out to be.
    private enum Part {
        case condition(ConditionTree)
        case operand(ConditionTree.Operand)
    }

    /// Parses the whole text.
    static func parse(
        _ text: String,
        as kind: ExpressionKind,
        _ placeholders: inout Placeholders
    ) throws(ExpressionError) -> ConditionTree {
        var parser = ConditionParser(cursor: try TokenCursor(text, kind, placeholders))
        let part = try parser.parseOr()
        let tree = try parser.requireCondition(part)
        try parser.cursor.expectEnd()
        placeholders = parser.cursor.placeholders
        return tree
    }

    private mutating func parseOr() throws(ExpressionError) -> Part {
        let first = try parseAnd()
        guard cursor.isAtKeyword("OR") else { return first }
        var parts = [try requireCondition(first)]
        while cursor.skipKeyword("OR") {
            try cursor.countOperator()
            let part = try parseAnd()
            parts.append(try requireCondition(part))
        }
        return .condition(.any(parts))
    }

    private mutating func parseAnd() throws(ExpressionError) -> Part {
        let first = try parseNot()
        guard cursor.isAtKeyword("AND") else { return first }
        var parts = [try requireCondition(first)]
        while cursor.skipKeyword("AND") {
            try cursor.countOperator()
            let part = try parseNot()
            parts.append(try requireCondition(part))
        }
        return .condition(.all(parts))
    }

    private mutating func parseNot() throws(ExpressionError) -> Part {
        guard cursor.skipKeyword("NOT") else { return try parseComparison() }
        try cursor.countOperator()
        try cursor.descend()
        let part = try parseNot()
        cursor.ascend()
        return .condition(.not(try requireCondition(part)))
    }

    private mutating func parseComparison() throws(ExpressionError) -> Part {
        let first = try parsePrimary()
        if cursor.token.kind == .symbol, let comparator = Comparator(rawValue: cursor.token.text) {
            return .condition(try parseComparison(of: first, comparator))
        }
        if cursor.isAtKeyword("BETWEEN") { return .condition(try parseBetween(of: first)) }
        if cursor.isAtKeyword("IN") { return .condition(try parseIn(of: first)) }
        return first
    }

    @inline(never)
    private mutating func parseComparison(
        of first: Part,
        _ comparator: Comparator
    ) throws(ExpressionError) -> ConditionTree {
        let left = try requireOperand(first)
        cursor.advance()
        try cursor.countOperator()
        let right = try parseOperand()
        try cursor.check(comparator, left, right)
        return .comparison(left, comparator, right)
    }

    @inline(never)
    private mutating func parseBetween(of first: Part) throws(ExpressionError) -> ConditionTree {
        let operand = try requireOperand(first)
        cursor.advance()
        try cursor.countOperator()
        let lower = try parseOperand()
        guard cursor.skipKeyword("AND") else { throw cursor.syntaxError() }
        let upper = try parseOperand()
        try cursor.checkBetween(operand, lower, upper)
        return .between(operand, lower: lower, upper: upper)
    }

    @inline(never)
    private mutating func parseIn(of first: Part) throws(ExpressionError) -> ConditionTree {
        let operand = try requireOperand(first)
        cursor.advance()
        try cursor.countOperator()
        return .isIn(operand, try parseChoices())
    }

    private mutating func parseChoices() throws(ExpressionError) -> [ConditionTree.Operand] {
        try cursor.expectSymbol("(")
        var choices: [ConditionTree.Operand] = []
        repeat {
            choices.append(try parseOperand())
        } while cursor.skipSymbol(",")
        try cursor.expectSymbol(")")
        try cursor.checkChoices(choices.count)
        return choices
    }

    private mutating func parseOperand() throws(ExpressionError) -> ConditionTree.Operand {
        let part = try parsePrimary()
        return try requireOperand(part)
    }

    private mutating func parsePrimary() throws(ExpressionError) -> Part {
        if cursor.isAtSymbol("(") { return try parseParentheses() }
        if cursor.token.kind == .valuePlaceholder {
            return .operand(.value(try cursor.readValue()))
        }
        guard cursor.isAtPath else { throw cursor.syntaxError() }
        if cursor.token.kind == .word, cursor.following.kind == .symbol,
            cursor.following.text == "("
        {
            return try parseFunction()
        }
        return .operand(.path(try cursor.readPath()))
    }

    private mutating func parseParentheses() throws(ExpressionError) -> Part {
        let open = cursor.position
        cursor.advance()
        try cursor.descend()
        let inner = try parseOr()
        // "((a))" repeats itself; "((a) AND b)" does not.
        if lastGroup == open + 1..<cursor.position {
            throw cursor.redundantParentheses
        }
        try cursor.expectSymbol(")")
        cursor.ascend()
        lastGroup = open..<cursor.position
        return inner
    }

    /// Refuses an operand where a condition must stand.
    @inline(never)
    private func requireCondition(_ part: Part) throws(ExpressionError) -> ConditionTree {
        switch part {
        case .condition(let tree): return tree
        case .operand(.size): throw cursor.misplaced("size")
        case .operand: throw cursor.syntaxError()
        }
    }

    /// Refuses a condition where an operand must stand.
    @inline(never)
    private func requireOperand(
        _ part: Part
    ) throws(ExpressionError) -> ConditionTree.Operand {
        switch part {
        case .operand(let operand): return operand
        case .condition(let tree):
            guard let function = tree.functionName else { throw cursor.syntaxError() }
            throw cursor.misplaced(function)
        }
    }
}

/// Functions.
extension ConditionParser {
    @inline(never)
    private mutating func parseFunction() throws(ExpressionError) -> Part {
        let name = cursor.token.text
        guard let function = ConditionFunction(rawValue: name) else {
            throw cursor.unknownFunction(name)
        }
        try cursor.countOperator()
        cursor.advance()
        try cursor.expectSymbol("(")
        try cursor.descend()
        var operands: [ConditionTree.Operand] = []
        repeat {
            operands.append(try parseOperand())
        } while cursor.skipSymbol(",")
        try cursor.expectSymbol(")")
        cursor.ascend()
        guard operands.count == function.operandCount else {
            throw cursor.operandCount(name, operands.count)
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
            return .condition(.hasType(path, try cursor.typeName(operands[1])))
        case .beginsWith:
            try cursor.checkBeginsWith(operands)
            return .condition(.beginsWith(operands[0], operands[1]))
        case .contains:
            try cursor.checkDistinct(function.rawValue, operands[0], operands[1])
            return .condition(.contains(operands[0], operands[1]))
        }
    }
}
