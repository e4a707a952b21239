/// One token of an expression and where it stands.
struct Token: Equatable {
    /// What kinds of tokens there are.
    enum Kind: Equatable {
        /// A word: an attribute name, a keyword or a function name.
        case word
        /// `#name`.
        case namePlaceholder
        /// `:value`.
        case valuePlaceholder
        /// Digits: the index of a list element.
        case digits
        /// `=`, `<>`, `<`, `<=`, `>`, `>=`, `(`, `)`, `[`, `]`, `.`, `,`, `+` or `-`.
        case symbol
        /// The end of the expression, an empty token.
        case end
        /// Bytes that begin no token.
        case unknown
    }

    var kind: Kind
    /// The token's place, in bytes.
    var range: Range<Int>
    /// The token's text.
    var text: String
}
