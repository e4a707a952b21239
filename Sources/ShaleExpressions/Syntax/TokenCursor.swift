import ShaleItems

/// Where a parser stands in the tokens of an expression, and what all grammars share: keywords,
/// document paths, placeholders, limits and the words of a syntax error.
struct TokenCursor {
    let kind: ExpressionKind
    var placeholders: Placeholders
    private let text: String
    private let tokens: [Token]
    private var index = 0
    var operatorCount = 0
    var depth = 0

    /// Stands at the first token.
    /// - Throws: `tooLong`, `empty`.
    init(
        _ text: String,
        _ kind: ExpressionKind,
        _ placeholders: Placeholders
    ) throws(ExpressionError) {
        let size = text.utf8.count
        guard size <= ExpressionLimits.expressionSizeBytes else {
            // Only of an update the service does not tell the size.
            throw ExpressionError(
                .tooLong,
                in: kind,
                "Expression size has exceeded the maximum allowed size;"
                    + (kind == .update ? "" : " expression size: \(size)")
            )
        }
        self.kind = kind
        self.text = text
        self.placeholders = placeholders
        tokens = Lexer.tokens(of: text)
        guard tokens.count > 1 else {
            throw ExpressionError(.empty, in: kind, "The expression can not be empty;")
        }
    }

    /// How many tokens lie before the cursor.
    var position: Int { index }
    /// The token at the cursor.
    var token: Token { tokens[index] }
    /// The token after it.
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    /// Steps over the token and returns it.
    @discardableResult
    mutating func advance() -> Token {
        let token = tokens[index]
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    /// Whether the cursor stands at a keyword, in any case.
    func isAtKeyword(_ keyword: String) -> Bool {
        // Keywords have letters of ASCII and no others: without its sixth bit a small one is the large one.
        token.kind == .word
            && token.text.utf8.elementsEqual(keyword.utf8) { $0 & ~0x20 == $1 }
    }

    /// Steps over a keyword if it is there.
    mutating func skipKeyword(_ keyword: String) -> Bool {
        guard isAtKeyword(keyword) else { return false }
        advance()
        return true
    }

    /// Whether the cursor stands at a symbol.
    func isAtSymbol(_ symbol: String) -> Bool { token.kind == .symbol && token.text == symbol }

    /// Steps over a symbol if it is there.
    mutating func skipSymbol(_ symbol: String) -> Bool {
        guard isAtSymbol(symbol) else { return false }
        advance()
        return true
    }

    /// Steps over a symbol that must be there.
    mutating func expectSymbol(_ symbol: String) throws(ExpressionError) {
        guard skipSymbol(symbol) else { throw syntaxError() }
    }

    /// Refuses tokens that follow the whole expression.
    func expectEnd() throws(ExpressionError) {
        guard token.kind == .end else { throw syntaxError() }
    }

    /// The syntax error at the token under the cursor.
    @inline(never)
    func syntaxError() -> ExpressionError {
        let first = tokens[max(index - 1, 0)]
        let last = tokens[min(index + 1, tokens.count - 1)]
        let near = text.utf8.dropFirst(first.range.lowerBound)
            .prefix(last.range.upperBound - first.range.lowerBound)
        var nearText = String(decoding: near, as: UTF8.self)
        while nearText.last?.isWhitespace ?? false { nearText.removeLast() }
        let shown = token.kind == .end ? "<EOF>" : token.text
        return error(.syntax, "Syntax error; token: \"\(shown)\", near: \"\(nearText)\"")
    }

    /// An error at the token under the cursor.
    @inline(never)
    func error(_ code: ExpressionError.Code, _ reason: String) -> ExpressionError {
        ExpressionError(code, in: kind, at: token.range.lowerBound, reason)
    }
}

extension ExpressionKind {
    /// The words that the grammar itself uses: a syntax error where a name should stand.
    fileprivate var keywords: Set<String> {
        switch self {
        case .condition, .filter, .keyCondition: ["AND", "OR", "NOT", "BETWEEN", "IN"]
        case .update: ["SET", "REMOVE", "ADD", "DELETE"]
        case .projection: []
        }
    }
}

extension TokenCursor: BoundedCursor {}

/// Paths and values.
extension TokenCursor {
    /// Whether the cursor stands where a document path begins.
    var isAtPath: Bool { token.kind == .word || token.kind == .namePlaceholder }

    /// Reads a document path.
    @inline(never)
    mutating func readPath() throws(ExpressionError) -> DocumentPath {
        let start = token
        var path = DocumentPath(try readName())
        while true {
            if skipSymbol(".") {
                path.steps.append(.name(try readName()))
            } else if skipSymbol("[") {
                guard token.kind == .digits else { throw syntaxError() }
                // An index beyond all lists is beyond every list; it needs no own error.
                path.steps.append(.index(Int(advance().text) ?? Int.max))
                try expectSymbol("]")
            } else {
                break
            }
        }
        guard path.steps.count < ExpressionLimits.pathElements else {
            throw ExpressionError(
                .tooComplex,
                in: kind,
                at: start.range.lowerBound,
                "The document path has too many nesting elements; "
                    + "nesting elements: \(path.steps.count + 1)"
            )
        }
        return path
    }

    private mutating func readName() throws(ExpressionError) -> String {
        switch token.kind {
        case .namePlaceholder:
            guard let name = placeholders.name(token.text) else {
                throw error(
                    .undefinedName,
                    "An expression attribute name used in the document path is not defined; "
                        + "attribute name: \(token.text)"
                )
            }
            advance()
            return name
        case .word:
            guard !kind.keywords.contains(token.text.uppercased()) else { throw syntaxError() }
            guard !ReservedWords.contains(token.text) else {
                throw error(
                    .reservedWord,
                    "Attribute name is a reserved keyword; reserved keyword: \(token.text)"
                )
            }
            return advance().text
        default: throw syntaxError()
        }
    }

    /// Reads the value of a `:value` placeholder.
    @inline(never)
    mutating func readValue() throws(ExpressionError) -> AttributeValue {
        guard token.kind == .valuePlaceholder else { throw syntaxError() }
        guard let value = placeholders.value(token.text) else {
            throw error(
                .undefinedValue,
                "An expression attribute value used in expression is not defined; "
                    + "attribute value: \(token.text)"
            )
        }
        advance()
        return value
    }
}
