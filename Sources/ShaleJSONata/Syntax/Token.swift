/// One word of an expression.
struct Token {
    /// How many characters of the expression stand before the end of the token.
    let position: Int
    let kind: Kind

    enum Kind {
        /// An operator or a bracket; also `and`, `or` and `in`.
        case symbol(String)
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        case bool(Bool)
        case null
        case pattern(Pattern)
        case end
    }

    func isSymbol(_ symbol: String) -> Bool {
        guard case .symbol(symbol) = kind else { return false }
        return true
    }

    /// The token as an error names it.
    var text: String {
        switch kind {
        case .symbol(let text), .name(let text), .variable(let text), .string(let text): text
        case .number(let value): NumberText.shortest(value)
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        case .pattern(let pattern): "/\(pattern.source)/"
        case .end: "(end)"
        }
    }
}
