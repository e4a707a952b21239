/// Cuts an expression into tokens, one at a time.
///
/// The parser says where an operand may stand: only there a slash begins a regular expression.
struct Lexer {
    let text: [Unicode.Scalar]
    var offset = 0

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
    }

    func error(_ code: String, token: String? = nil) -> JSONataError {
        JSONataError(code, position: offset, token: token)
    }

    /// The character so many places on; nil behind the end.
    func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        offset + distance < text.count ? text[offset + distance] : nil
    }

    mutating func next(operandExpected: Bool) throws(JSONataError) -> Token {
        try skipBlank()
        guard let first = peek() else { return Token(position: offset, kind: .end) }
        if first == "/", operandExpected {
            offset += 1
            let pattern = try readPattern()
            return token(.pattern(pattern))
        }
        if let symbol = readSymbol() {
            guard symbol != "!", symbol != "~" else { throw error("S0204", token: symbol) }
            return token(.symbol(symbol))
        }
        switch first {
        // What is read goes before the place of its end is asked for.
        case "\"", "'":
            let text = try readString(quote: first)
            return token(.string(text))
        case "`":
            let name = try readQuotedName()
            return token(.name(name))
        case "0"..."9":
            let number = try readNumber()
            return token(.number(number))
        default: return word()
        }
    }

    private func token(_ kind: Token.Kind) -> Token {
        Token(position: offset, kind: kind)
    }

    private mutating func skipBlank() throws(JSONataError) {
        while let scalar = peek() {
            if Self.isBlank(scalar) {
                offset += 1
            } else if scalar == "/", peek(1) == "*" {
                offset += 2
                while let scalar = peek(), !(scalar == "*" && peek(1) == "/") {
                    _ = scalar
                    offset += 1
                }
                guard peek() != nil else { throw error("S0106") }
                offset += 2
            } else {
                return
            }
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\n", "\r", "\u{0B}", "\u{A0}": true
        default: false
        }
    }

    private static let pairs: Set<String> = [
        "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??",
    ]

    static func isSymbol(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "[", "]", "{", "}", "(", ")", ",", "@", "#", ";", ":", "?", "+", "-", "*", "/",
            "%", "|", "=", "<", ">", "^", "&", "!", "~":
            true
        default: false
        }
    }

    private mutating func readSymbol() -> String? {
        guard let first = peek(), Self.isSymbol(first) else { return nil }
        if let second = peek(1), Self.isSymbol(second) {
            let pair = String(Character(first)) + String(Character(second))
            if Self.pairs.contains(pair) {
                offset += 2
                return pair
            }
        }
        offset += 1
        return String(Character(first))
    }

    /// A name, a variable or a word of the language: all up to a blank or a symbol.
    private mutating func word() -> Token {
        let start = offset
        while let scalar = peek(), !Self.isBlank(scalar), !Self.isSymbol(scalar) { offset += 1 }
        let word = String(String.UnicodeScalarView(text[start..<offset]))
        if text[start] == "$" {
            return token(.variable(String(word.unicodeScalars.dropFirst())))
        }
        switch word {
        case "and", "or", "in": return token(.symbol(word))
        case "true", "false": return token(.bool(word == "true"))
        case "null": return token(.null)
        default: return token(.name(word))
        }
    }
}
