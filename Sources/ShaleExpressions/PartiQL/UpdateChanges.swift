import ShaleItems

/// Parses what an `UPDATE` changes, into the actions that update expressions are made of.
///
///     changes  = change { change }
///     change   = SET path "=" value { "," path "=" value } | REMOVE path { "," path }
///     value    = operand [ ( "+" | "-" ) operand ]
///              | set_add "(" path "," set ")" | set_delete "(" path "," set ")"
///     operand  = literal | path | list_append "(" value "," value ")" | "(" value ")"
///
/// The names of functions are taken in any case.
struct UpdateChanges {
    private var cursor: StatementCursor
    private var actions: [UpdateAction] = []

    private init(cursor: StatementCursor) { self.cursor = cursor }

    /// Reads the changes; the cursor stands behind them afterwards.
    static func read(_ cursor: inout StatementCursor) throws(ExpressionError) -> Update {
        var changes = UpdateChanges(cursor: cursor)
        while try changes.readChange() {}
        guard !changes.actions.isEmpty else {
            throw changes.cursor.notWellFormed("Expected data manipulation")
        }
        do throws(ExpressionError) {
            try PathSet.requireDisjoint(changes.actions.map(\.path), in: .update)
        } catch {
            var plain = error
            plain.kind = nil
            plain.message = String(
                error.message.dropFirst("Invalid \(ExpressionKind.update.rawValue): ".count)
            )
            throw plain
        }
        cursor = changes.cursor
        return Update(actions: changes.actions)
    }

    private mutating func readChange() throws(ExpressionError) -> Bool {
        if cursor.skipKeyword("SET") {
            repeat { try readSet() } while cursor.skipSymbol(",")
            return true
        }
        guard cursor.skipKeyword("REMOVE") else { return false }
        repeat {
            try cursor.countOperator()
            actions.append(.remove(try cursor.readPath()))
        } while cursor.skipSymbol(",")
        return true
    }

    private mutating func readSet() throws(ExpressionError) {
        let path = try cursor.readPath()
        try cursor.countOperator()
        try cursor.expectSymbol("=", "EQ")
        if cursor.isAtFunction {
            for function in SetFunction.allCases
            where cursor.token.text.lowercased() == function.rawValue {
                actions.append(try readSetFunction(function, of: path))
                return
            }
        }
        actions.append(.set(path, try readValue()))
    }

    /// The functions whose result is written back to their own first operand.
    private enum SetFunction: String, CaseIterable {
        case add = "set_add"
        case delete = "set_delete"
    }

    private mutating func readSetFunction(
        _ function: SetFunction,
        of path: DocumentPath
    ) throws(ExpressionError) -> UpdateAction {
        let name = cursor.advance()
        let title = function.rawValue.uppercased()
        cursor.advance()
        try cursor.countOperator()
        let first = cursor.token
        var operands: [SetValue] = []
        if !cursor.token.isSymbol(")") {
            repeat { operands.append(try readValue()) } while cursor.skipSymbol(",")
        }
        try cursor.expectSymbol(")", "RIGHT_PAREN")
        guard operands.count == 2 else {
            throw cursor.error(
                .operandCount,
                "\(title) must have exactly two arguments",
                at: name
            )
        }
        guard case .path(path) = operands[0] else {
            throw cursor.error(
                .operandType,
                "The first argument to \(title) must equal the assignment value",
                at: name
            )
        }
        guard case .value(let set) = operands[1],
            [.stringSet, .numberSet, .binarySet].contains(set.type)
        else {
            throw cursor.error(
                .operandType,
                "The second argument to \(title) must be a value with type SET",
                at: first
            )
        }
        return function == .add ? .add(path, set) : .delete(path, set)
    }

    private mutating func readValue() throws(ExpressionError) -> SetValue {
        let left = try readOperand()
        for symbol in ["+", "-"] where cursor.skipSymbol(symbol) {
            try cursor.countOperator()
            guard !cursor.isAtEnd else {
                throw cursor.notWellFormed("Missing right-hand side expression of infix operator")
            }
            let right = try readOperand()
            for side in [left, right] { try check(side, isA: .number, for: symbol) }
            return symbol == "+" ? .plus(left, right) : .minus(left, right)
        }
        return left
    }

    private mutating func readOperand() throws(ExpressionError) -> SetValue {
        if cursor.isAtFunction { return try readFunction() }
        if cursor.isAtLiteral { return .value(try cursor.readLiteral()) }
        guard cursor.skipSymbol("(") else { return .path(try cursor.readPath()) }
        try cursor.descend()
        let value = try readValue()
        try cursor.expectSymbol(")", "RIGHT_PAREN")
        cursor.ascend()
        return value
    }

    private mutating func readFunction() throws(ExpressionError) -> SetValue {
        let name = cursor.advance()
        let known = name.text.lowercased()
        guard known == UpdateFunction.listAppend.rawValue else {
            throw cursor.error(.unknownFunction, "Unrecognized function: \(known)", at: name)
        }
        cursor.advance()
        try cursor.countOperator()
        try cursor.descend()
        var operands: [SetValue] = []
        if !cursor.token.isSymbol(")") {
            repeat { operands.append(try readValue()) } while cursor.skipSymbol(",")
        }
        try cursor.expectSymbol(")", "RIGHT_PAREN")
        cursor.ascend()
        guard operands.count == 2 else { throw cursor.operandCount(known, operands.count) }
        for operand in operands { try check(operand, isA: .list, for: known) }
        return .listAppend(operands[0], operands[1])
    }

    /// Refuses a literal of another type; what an item holds is seen only when the update is applied.
    private func check(
        _ operand: SetValue,
        isA type: AttributeType,
        for function: String
    ) throws(ExpressionError) {
        guard case .value(let value) = operand, value.type != type else { return }
        throw cursor.error(
            .operandType,
            "Incorrect operand type for operator or function; "
                + "operator or function: \(function), operand type: \(value.type.rawValue)"
        )
    }
}
