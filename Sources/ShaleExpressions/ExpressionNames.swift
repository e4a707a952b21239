/// Which attributes an expression names, without what it does with them.
package enum ExpressionNames {
    private static let clauses = ["SET", "REMOVE", "ADD", "DELETE"]
    private static let words = ["AND", "OR", "NOT", "BETWEEN", "IN"]

    /// The top-level attributes that a text names; nil where it names them in a way that is not understood.
    ///
    /// Words of the language are no names: they are reserved.
    package static func topLevel(
        in text: String?,
        names: [String: String]?
    ) -> [String]? {
        guard let text else { return [] }
        let tokens = Lexer.tokens(of: text)
        var found: [String] = []
        for (place, token) in tokens.enumerated() {
            let isNested = place > 0 && tokens[place - 1].text == "."
            switch token.kind {
            case .namePlaceholder where !isNested:
                guard let name = names?[token.text] else { return nil }
                found.append(name)
            case .word where !isNested:
                let isFunction = place + 1 < tokens.count && tokens[place + 1].text == "("
                let word = token.text.uppercased()
                guard !words.contains(word), !clauses.contains(word), !isFunction else { continue }
                found.append(token.text)
            case .unknown: return nil
            default: continue
            }
        }
        return found
    }
}
