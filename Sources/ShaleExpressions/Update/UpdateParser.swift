import ShaleItems

/// Parses updates.
///
///     update   = section { section }                            each section once, in any order
///     section  = SET path = value { "," path = value }
///              | REMOVE path { "," path }
///              | ADD path :value { "," path :value }
///              | DELETE path :value { "," path :value }
///     value    = operand [ ("+" | "-") operand ]
///     operand  = path | :value | "(" value ")"
///              | if_not_exists "(" path "," operand ")" | list_append "(" operand "," operand ")"
struct UpdateParser {
    private var cursor: TokenCursor
    private var actions: [UpdateAction] = []

    private init(cursor: TokenCursor) { self.cursor = cursor }

    /// Parses the whole text.
    static func parse(
        _ text: String,
        _ placeholders: inout Placeholders
    ) throws(ExpressionError) -> [UpdateAction] {
        var parser = UpdateParser(cursor: try TokenCursor(text, .update, placeholders))
        var seen: Set<UpdateSection> = []
        while parser.cursor.token.kind != .end {
            let section = try parser.readSection()
            guard seen.insert(section).inserted else {
                throw parser.cursor.error(
                    .repeatedSection,
                    "The \"\(section.rawValue)\" section can only be used once "
                        + "in an update expression;"
                )
            }
            parser.cursor.advance()
            repeat {
                try parser.readAction(of: section)
            } while parser.cursor.skipSymbol(",")
        }
        if parser.actions.count > 1 {
            try PathSet.requireDisjoint(parser.actions.map(\.path), in: .update)
        }
        placeholders = parser.cursor.placeholders
        return parser.actions
    }

    private func readSection() throws(ExpressionError) -> UpdateSection {
        for section in UpdateSection.allCases where cursor.isAtKeyword(section.rawValue) {
            return section
        }
        throw cursor.syntaxError()
    }

    private mutating func readAction(of section: UpdateSection) throws(ExpressionError) {
        guard cursor.isAtPath else { throw cursor.syntaxError() }
        let path = try cursor.readPath()
        switch section {
        // What is set or removed is no operator: as many fit as fit into 4 KB.
        case .set:
            try cursor.expectSymbol("=")
            actions.append(.set(path, try readValue()))
        case .remove: actions.append(.remove(path))
        case .add:
            try cursor.countOperator()
            let value = try readLiteral(of: section, [.number, .stringSet, .numberSet, .binarySet])
            actions.append(.add(path, value))
        case .delete:
            try cursor.countOperator()
            let value = try readLiteral(of: section, [.stringSet, .numberSet, .binarySet])
            actions.append(.delete(path, value))
        }
    }

    private mutating func readLiteral(
        of section: UpdateSection,
        _ types: [AttributeType]
    ) throws(ExpressionError) -> AttributeValue {
        let value = try cursor.readValue()
        guard types.contains(value.type) else {
            throw cursor.error(
                .operandType,
                "Incorrect operand type for operator or function; "
                    + "operator: \(section.rawValue), operand type: \(value.type.longName)"
            )
        }
        return value
    }

    private mutating func readValue() throws(ExpressionError) -> SetValue {
        let left = try readOperand()
        for symbol in ["+", "-"] where cursor.skipSymbol(symbol) {
            try cursor.countOperator()
            let right = try readOperand()
            for side in [left, right] { try check(side, isA: .number, for: symbol) }
            return symbol == "+" ? .plus(left, right) : .minus(left, right)
        }
        return left
    }

    private mutating func readOperand() throws(ExpressionError) -> SetValue {
        if cursor.token.kind == .valuePlaceholder { return .value(try cursor.readValue()) }
        if cursor.skipSymbol("(") {
            try cursor.descend()
            let value = try readValue()
            try cursor.expectSymbol(")")
            cursor.ascend()
            return value
        }
        guard cursor.isAtPath else { throw cursor.syntaxError() }
        if cursor.token.kind == .word, cursor.following.kind == .symbol,
            cursor.following.text == "("
        {
            return try readFunction()
        }
        return .path(try cursor.readPath())
    }

    private mutating func readFunction() throws(ExpressionError) -> SetValue {
        let name = cursor.token.text
        guard let function = UpdateFunction(rawValue: name) else { throw unknownFunction(name) }
        try cursor.countOperator()
        cursor.advance()
        try cursor.expectSymbol("(")
        try cursor.descend()
        var operands: [SetValue] = []
        repeat {
            operands.append(try readValue())
        } while cursor.skipSymbol(",")
        try cursor.expectSymbol(")")
        cursor.ascend()
        guard operands.count == 2 else { throw cursor.operandCount(name, operands.count) }
        return try value(of: function, operands[0], operands[1])
    }

    @inline(never)
    private func unknownFunction(_ name: String) -> ExpressionError {
        guard ConditionFunction(rawValue: name) != nil else {
            return cursor.error(.unknownFunction, "Invalid function name; function: \(name)")
        }
        return cursor.error(
            .misplacedFunction,
            "The function is not allowed in an update expression; function: \(name)"
        )
    }

    @inline(never)
    private func value(
        of function: UpdateFunction,
        _ first: SetValue,
        _ second: SetValue
    ) throws(ExpressionError) -> SetValue {
        switch function {
        case .ifNotExists:
            guard case .path(let path) = first else {
                throw cursor.error(
                    .pathRequired,
                    "Operator or function requires a document path; "
                        + "operator or function: \(function.rawValue)"
                )
            }
            return .ifNotExists(path, second)
        case .listAppend:
            for side in [first, second] { try check(side, isA: .list, for: function.rawValue) }
            return .listAppend(first, second)
        }
    }

    /// Refuses a literal of another type; what an item holds is seen only when the update is
    /// applied.
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

extension AttributeType {
    /// The name of the type in the messages about `ADD` and `DELETE`.
    var longName: String {
        switch self {
        case .string: "STRING"
        case .number: "NUMBER"
        case .binary: "BINARY"
        case .bool: "BOOLEAN"
        case .null: "NULL"
        case .list: "LIST"
        case .map: "MAP"
        case .stringSet: "STRING_SET"
        case .numberSet: "NUMBER_SET"
        case .binarySet: "BINARY_SET"
        }
    }
}
