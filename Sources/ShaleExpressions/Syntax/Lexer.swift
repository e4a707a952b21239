/// Cuts the text of an expression into tokens.
///
/// Total: what begins no token is an `unknown` token.
///
///     word          a letter or _, then letters, digits, _
///     #name :value  the sign, then letters, digits, _
///     digits        digits
///     symbols       = <> < <= > >= ( ) [ ] . , + -
///
/// Spaces, tabs and line ends may stand between any two tokens.
struct Lexer {
    private let bytes: [UInt8]
    private var offset = 0

    private static let usualTokenCount = 24

    /// The tokens of `text`, an `end` token last.
    static func tokens(of text: String) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8))
        var tokens: [Token] = []
        // Most expressions have fewer: growing costs more than what is left over.
        tokens.reserveCapacity(min(text.utf8.count, usualTokenCount))
        while true {
            let token = lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() -> Token {
        while offset < bytes.count, Self.isSpace(bytes[offset]) { offset += 1 }
        guard offset < bytes.count else { return token(.end, 0) }
        let byte = bytes[offset]
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: ":"):
            let count = 1 + run(from: offset + 1, Self.isNameByte)
            guard count > 1 else { return token(.unknown, 1) }
            return token(byte == UInt8(ascii: "#") ? .namePlaceholder : .valuePlaceholder, count)
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            return token(.symbol, 1 + (isSecondOfComparator(after: byte) ? 1 : 0))
        case UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "+"),
            UInt8(ascii: "-"):
            return token(.symbol, 1)
        default:
            if Self.isDigit(byte) { return token(.digits, run(from: offset, Self.isDigit)) }
            if Self.isNameByte(byte) { return token(.word, run(from: offset, Self.isNameByte)) }
            // A whole run of other bytes, so that a character of several bytes is not cut.
            let count = run(from: offset) { $0 >= 0x80 }
            return token(.unknown, max(count, 1))
        }
    }

    private func isSecondOfComparator(after first: UInt8) -> Bool {
        guard offset + 1 < bytes.count else { return false }
        let second = bytes[offset + 1]
        return second == UInt8(ascii: "=")
            || (first == UInt8(ascii: "<") && second == UInt8(ascii: ">"))
    }

    private func run(from start: Int, _ belongs: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, belongs(bytes[end]) { end += 1 }
        return end - start
    }

    private mutating func token(_ kind: Token.Kind, _ count: Int) -> Token {
        let range = offset..<(offset + count)
        offset += count
        return Token(
            kind: kind,
            range: range,
            text: String(decoding: bytes[range], as: UTF8.self)
        )
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_")
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }
}
