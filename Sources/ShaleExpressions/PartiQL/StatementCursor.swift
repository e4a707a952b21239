import ShaleItems

/// Where a parser stands in the tokens of a statement, and what all its parts share: keywords, document
/// paths, parameters, limits and the words of its errors.
struct StatementCursor {
    private let text: String
    private let tokens: [StatementToken]
    private let parameters: [AttributeValue]
    private var usedParameters = 0
    private var index = 0
    var operatorCount = 0
    var depth = 0

    /// Stands at the first token.
    /// - Throws: `tooLong`, `syntax`.
    init(_ text: String, _ parameters: [AttributeValue]) throws(ExpressionError) {
        guard text.utf16.count <= ExpressionLimits.statementLength else {
            throw ExpressionError(
                .tooLong,
                kind: nil,
                message: "1 validation error detected: Value at 'statement' failed to satisfy "
                    + "constraint: Member must have length less than or equal to "
                    + "\(ExpressionLimits.statementLength)"
            )
        }
        self.text = text
        self.parameters = parameters
        tokens = try StatementLexer.tokens(of: text)
    }

    /// The token at the cursor.
    var token: StatementToken { tokens[index] }
    /// The token after it.
    var following: StatementToken { tokens[min(index + 1, tokens.count - 1)] }
    /// Whether nothing follows but the semicolon that a statement may end with.
    var isAtEnd: Bool {
        token.kind == .end || (token.isSymbol(";") && following.kind == .end)
    }

    /// Steps over the token and returns it.
    @discardableResult
    mutating func advance() -> StatementToken {
        let token = tokens[index]
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    /// Steps over a keyword if it is there.
    mutating func skipKeyword(_ keyword: StaticString) -> Bool {
        guard token.isKeyword(keyword) else { return false }
        advance()
        return true
    }

    /// Steps over a sign if it is there.
    mutating func skipSymbol(_ symbol: String) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        advance()
        return true
    }

    /// Steps over a keyword that must be there.
    mutating func expectKeyword(_ keyword: StaticString) throws(ExpressionError) {
        guard skipKeyword(keyword) else { throw notWellFormed("Expected \(keyword)") }
    }

    /// Steps over a sign that must be there; `name` is what the service calls it.
    mutating func expectSymbol(_ symbol: String, _ name: String) throws(ExpressionError) {
        guard skipSymbol(symbol) else { throw notWellFormed("Expected \(name)") }
    }

    /// Whether a function's name and its parenthesis stand here.
    var isAtFunction: Bool { token.kind == .word && following.isSymbol("(") }

    /// Refuses what follows a whole statement, and parameters that nothing stands for.
    func expectEnd() throws(ExpressionError) {
        guard isAtEnd else { throw notWellFormed("Unexpected token after expression") }
        guard usedParameters == parameters.count else { throw parameterCount }
    }
}

/// Errors.
extension StatementCursor: OperandChecks {
    /// An error at the token under the cursor, with the service's frame.
    @inline(never)
    func notWellFormed(_ detail: String) -> ExpressionError {
        .notWellFormed(detail, at: token.range.lowerBound)
    }

    /// An error at the token under the cursor.
    @inline(never)
    func error(_ code: ExpressionError.Code, _ reason: String) -> ExpressionError {
        ExpressionError(code, kind: nil, offset: token.range.lowerBound, message: reason)
    }

    /// An error that names its place: "Unrecognized function: f at 1:30:1".
    @inline(never)
    func error(
        _ code: ExpressionError.Code,
        _ reason: String,
        at token: StatementToken
    ) -> ExpressionError {
        ExpressionError(
            code,
            kind: nil,
            offset: token.range.lowerBound,
            message: "\(reason) at \(place(of: token))"
        )
    }

    /// Line, column and length of a token, in characters from 1.
    private func place(of token: StatementToken) -> String {
        let bytes = Array(text.utf8)
        let before = bytes[..<token.range.lowerBound]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // A character is counted where it begins.
        func characters(_ range: Range<Int>) -> Int { bytes[range].count { $0 & 0xC0 != 0x80 } }
        let column = characters(lineStart..<token.range.lowerBound) + 1
        return "\(line):\(column):\(characters(token.range))"
    }

    /// The error where an operand must stand and does not.
    @inline(never)
    func unexpectedTerm() -> ExpressionError {
        switch token.kind {
        case .word where token.isKeyword("IS") || token.isKeyword("LIKE"):
            return notWellFormed("Unexpected operator")
        case .word where StatementKeywords.contains(token.text):
            return notWellFormed("Unexpected keyword")
        case .symbol where Comparator(statementToken: token.text) != nil:
            return notWellFormed("Unexpected operator")
        default: return notWellFormed("Unexpected term")
        }
    }

    private var parameterCount: ExpressionError {
        error(
            .parameterCount,
            "Number of parameters in request and statement don't match."
        )
    }
}

extension StatementCursor: BoundedCursor {}

/// Names, paths and parameters.
extension StatementCursor {
    /// Reads the value of the next `?`.
    mutating func readParameter() throws(ExpressionError) -> AttributeValue {
        guard usedParameters < parameters.count else { throw parameterCount }
        advance()
        defer { usedParameters += 1 }
        return parameters[usedParameters]
    }

    /// Whether the cursor stands where a document path begins.
    var isAtPath: Bool {
        token.kind == .quotedName
            || (token.kind == .word && !StatementKeywords.contains(token.text))
    }

    /// Reads a document path: `a."b c"[0]['d']`.
    @inline(never)
    mutating func readPath() throws(ExpressionError) -> DocumentPath {
        guard isAtPath else { throw unexpectedTerm() }
        let start = token
        var path = DocumentPath(advance().text)
        while true {
            if skipSymbol(".") {
                guard isAtPath else { throw notWellFormed("Invalid path dot component") }
                path.steps.append(.name(advance().text))
            } else if skipSymbol("[") {
                path.steps.append(try readIndex())
                try expectSymbol("]", "RIGHT_BRACKET")
            } else {
                break
            }
        }
        guard path.steps.count < ExpressionLimits.pathElements else {
            throw ExpressionError(
                .tooComplex,
                kind: nil,
                offset: start.range.lowerBound,
                message: "The document path has too many nesting elements; "
                    + "nesting elements: \(path.steps.count + 1)"
            )
        }
        return path
    }

    private mutating func readIndex() throws(ExpressionError) -> DocumentPath.Step {
        if token.kind == .string { return .name(advance().text) }
        let isNegative = skipSymbol("-")
        guard token.kind == .number, token.text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw notWellFormed("Invalid path component")
        }
        // An index beyond all lists is beyond every list; it needs no own error.
        let index = Int(token.text) ?? .max
        guard !isNegative || index == 0 else {
            throw error(
                .unsupported,
                "List index is not within the allowable range; index: [-\(token.text)]",
                at: token
            )
        }
        advance()
        return .index(index)
    }

    /// Reads a table and perhaps its index.
    mutating func readSource() throws(ExpressionError) -> (tableName: String, indexName: String?) {
        guard isAtPath else { throw unexpectedTerm() }
        var names = [advance()]
        while skipSymbol(".") {
            guard isAtPath else { throw notWellFormed("Invalid path dot component") }
            names.append(advance())
        }
        guard names.count <= 2 else {
            throw error(
                .unsupported,
                "A path may contain at most 2 components in the FROM clause"
            )
        }
        guard names.allSatisfy({ !$0.text.isEmpty }) else {
            throw error(.unsupported, "Path component cannot be an empty string")
        }
        return (Self.plainName(names[0].text), names.count == 2 ? names[1].text : nil)
    }

    /// The name at the end of a table's resource name, or the name itself.
    private static func plainName(_ text: String) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", let last = parts.last,
            last.utf8.starts(with: "table/".utf8)
        else { return text }
        return String(last.dropFirst("table/".count))
    }
}

extension Comparator {
    /// The operator of a statement's token: the same as in expressions, and `!=`.
    init?(statementToken text: String) {
        self.init(rawValue: text == "!=" ? "<>" : text)
    }
}
