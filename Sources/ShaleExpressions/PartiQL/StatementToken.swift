/// One token of a PartiQL statement and where it stands.
struct StatementToken: Equatable {
    /// What kinds of tokens there are.
    enum Kind: Equatable {
        /// A bare word: a keyword, a name or the name of a function.
        case word
        /// A name in double quotes; `text` is what they enclose.
        case quotedName
        /// A text in single quotes; `text` is what they enclose.
        case string
        /// An unsigned number as it is written.
        case number
        /// `?`.
        case parameter
        /// Any of the signs of `StatementLexer`.
        case symbol
        /// The end of the statement, an empty token.
        case end
    }

    var kind: Kind
    /// The token's place, in bytes.
    var range: Range<Int>
    /// The token's text, without quotes.
    var text: String

    /// Whether this is a keyword; case does not matter.
    func isKeyword(_ keyword: StaticString) -> Bool {
        kind == .word && isText(keyword)
    }

    /// Whether the text is a word, in any case.
    private func isText(_ word: StaticString) -> Bool {
        let bytes = text.utf8
        let wanted = "\(word)".utf8
        guard bytes.count == wanted.count else { return false }
        return zip(bytes, wanted).allSatisfy { Self.upper($0) == $1 }
    }

    private static func upper(_ byte: UInt8) -> UInt8 {
        let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        return isLower ? byte - 0x20 : byte
    }

    /// Whether this is a sign.
    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}
