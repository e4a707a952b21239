import ShaleItems

/// Literals: 'text', numbers, true, false, null, [lists], {'maps': …}, <<sets>> and `?`.
extension StatementCursor {
    /// Whether a literal begins here.
    var isAtLiteral: Bool {
        switch token.kind {
        case .string, .number, .parameter: true
        case .word:
            token.isKeyword("TRUE") || token.isKeyword("FALSE") || token.isKeyword("NULL")
        case .symbol: ["[", "{", "<<", "-", "+"].contains { token.isSymbol($0) }
        case .quotedName, .end: false
        }
    }

    /// Reads a literal; its own place in errors is "root".
    @inline(never)
    mutating func readLiteral() throws(ExpressionError) -> AttributeValue {
        try readLiteral(at: LiteralPlace())
    }

    private mutating func readLiteral(
        at place: LiteralPlace
    ) throws(ExpressionError) -> AttributeValue {
        switch token.kind {
        case .parameter: return try readParameter()
        case .string: return .string(advance().text)
        case .number: return .number(try readNumber("", place))
        case .word: return try readWord(place)
        case .quotedName, .end: break
        case .symbol:
            for sign in ["-", "+"] where token.isSymbol(sign) {
                advance()
                guard token.kind == .number else { throw unexpectedTerm() }
                return .number(try readNumber(sign, place))
            }
            if token.isSymbol("<<") { return try readSet(place) }
            if token.isSymbol("[") { return try readList(place) }
            if token.isSymbol("{") { return .map(try readMap(place)) }
        }
        throw unexpectedTerm()
    }

    private mutating func readWord(_ place: LiteralPlace) throws(ExpressionError) -> AttributeValue
    {
        if skipKeyword("TRUE") { return .bool(true) }
        if skipKeyword("FALSE") { return .bool(false) }
        if skipKeyword("NULL") { return .null }
        guard isAtPath || isAtFunction else { throw unexpectedTerm() }
        throw error(
            .literal,
            "Unsupported data type: \(token.text) under key \(place.text)",
            at: token
        )
    }

    @inline(never)
    private mutating func readNumber(
        _ sign: String,
        _ place: LiteralPlace
    ) throws(ExpressionError) -> Number {
        guard Self.fitsDecimal(token.text) else { throw notWellFormed("") }
        do throws(ItemError) {
            return try Number(sign + advance().text)
        } catch {
            throw self.error(.literal, "\(error.message) under \(place.text)")
        }
    }

    /// The service's numbers have an exponent and a scale of 32 bits before it looks at their range.
    private static func fitsDecimal(_ text: String) -> Bool {
        let parts = text.utf8.split(omittingEmptySubsequences: false) { $0 | 0x20 == 0x65 }
        guard parts.count == 2, let mantissa = parts.first else { return true }
        guard let exponent = Int32(String(decoding: parts[1], as: UTF8.self)) else { return false }
        let point = mantissa.firstIndex(of: UInt8(ascii: "."))
        let fraction = point.map { mantissa.distance(from: $0, to: mantissa.endIndex) - 1 } ?? 0
        return Int32(exactly: fraction - Int(exponent)) != nil
    }

    private mutating func readList(_ place: LiteralPlace) throws(ExpressionError) -> AttributeValue
    {
        advance()
        let inner = try nested(place)
        var list: [AttributeValue] = []
        if !token.isSymbol("]") {
            repeat {
                list.append(try readLiteral(at: inner.element(list.count)))
            } while skipSymbol(",")
        }
        try expectSymbol("]", "RIGHT_BRACKET")
        ascend()
        return .list(list)
    }

    private mutating func readMap(_ place: LiteralPlace) throws(ExpressionError) -> AttributeMap {
        let inner = try nested(place)
        defer { ascend() }
        return try readAttributes(inner)
    }

    /// Reads the item of an `INSERT`: each of its attributes is a literal of its own.
    @inline(never)
    mutating func readItem() throws(ExpressionError) -> Item {
        if token.kind == .parameter {
            guard case .map(let map) = try readParameter() else {
                throw error(.literal, "Expected a map of attributes in VALUE")
            }
            return map
        }
        guard token.isSymbol("{") else { throw unexpectedTerm() }
        return try readAttributes(nil)
    }

    /// `place` is nil for an item.
    private mutating func readAttributes(
        _ place: LiteralPlace?
    ) throws(ExpressionError) -> AttributeMap {
        advance()
        var attributes: [(String, AttributeValue)] = []
        if skipSymbol("}") { return AttributeMap() }
        repeat {
            guard token.kind == .string else { throw unexpectedTerm() }
            let name = advance().text
            try expectSymbol(":", "COLON")
            let inner = place?.member(name) ?? LiteralPlace()
            attributes.append((name, try readLiteral(at: inner)))
        } while skipSymbol(",")
        try expectSymbol("}", "RIGHT_CURLY")
        return AttributeMap(attributes)
    }

    /// One level deeper, as deep as items may be.
    private mutating func nested(_ place: LiteralPlace) throws(ExpressionError) -> LiteralPlace {
        guard place.steps.count < ItemLimits.nestingLevels else {
            throw error(
                .literal,
                "Nesting Levels have exceeded supported limits: "
                    + "Attributes in the item have nested levels beyond supported limit"
            )
        }
        try descend()
        return place
    }
}

/// Where inside a literal a value stands, as the service prints it: "root.name[1]".
struct LiteralPlace {
    fileprivate var steps: [String] = []

    fileprivate var text: String { "root" + steps.joined() }

    fileprivate func element(_ index: Int) -> LiteralPlace {
        LiteralPlace(steps: steps + ["[\(index)]"])
    }

    fileprivate func member(_ name: String) -> LiteralPlace {
        LiteralPlace(steps: steps + [".\(name)"])
    }
}

/// Sets.
extension StatementCursor {
    @inline(never)
    private mutating func readSet(_ place: LiteralPlace) throws(ExpressionError) -> AttributeValue {
        let open = advance()
        guard !token.isSymbol(">>") else {
            throw error(.literal, "Empty bags are not supported")
        }
        var texts: [String] = []
        var numbers: [Number] = []
        var written: [String] = []
        repeat {
            if token.kind == .string {
                texts.append(token.text)
                written.append(advance().text)
            } else if token.kind == .number || token.isSymbol("-") || token.isSymbol("+") {
                let sign = token.kind == .number ? "" : advance().text
                guard token.kind == .number else { throw unexpectedTerm() }
                written.append(sign + token.text)
                numbers.append(try readNumber(sign, place.element(written.count - 1)))
            } else {
                throw token.kind == .end ? notWellFormed("Expected RIGHT_DOUBLE_ANGLE") : bagType
            }
        } while skipSymbol(",")
        try expectSymbol(">>", "RIGHT_DOUBLE_ANGLE")
        guard texts.isEmpty || numbers.isEmpty else { throw bagType }
        let set: AttributeValue = numbers.isEmpty ? .stringSet(texts) : .numberSet(numbers)
        guard (try? set.validate()) != nil else {
            throw ExpressionError(
                .literal,
                kind: nil,
                offset: open.range.lowerBound,
                message: "One or more parameter values were invalid: "
                    + "Input collection [\(written.joined(separator: ", "))] contains duplicates"
                    + (numbers.isEmpty ? "." : "! under \(place.text)")
            )
        }
        return set
    }

    private var bagType: ExpressionError {
        error(
            .literal,
            "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"
        )
    }
}
