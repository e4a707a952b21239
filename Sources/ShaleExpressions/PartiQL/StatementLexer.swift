/// Cuts a PartiQL statement into tokens.
///
///     word         a letter, _ or $, then letters, digits, _ and $
///     "name"       any text; "" inside stands for one quote
///     'string'     any text; '' inside stands for one quote
///     number       digits [ . [ digits ] ] [ e [ + | - ] digits ], or . digits [ e … ]
///     ?            a parameter
///     symbols      = <> != < <= > >= ( ) [ ] { } << >> . , : ; * + -
///
/// White space and comments, `-- …` to the end of the line and `/* … */`, may stand between any two
/// tokens. Each byte is looked at a fixed number of times.
struct StatementLexer {
    private let bytes: [UInt8]
    private var offset = 0

    /// The tokens of `text`, an `end` token last.
    /// - Throws: `syntax` for what begins no token or is not closed; there the service says nothing
    ///   more.
    static func tokens(of text: String) throws(ExpressionError) -> [StatementToken] {
        var lexer = StatementLexer(bytes: Array(text.utf8))
        var tokens: [StatementToken] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ ahead: Int = 0) -> UInt8 {
        offset + ahead < bytes.count ? bytes[offset + ahead] : 0
    }

    private mutating func next() throws(ExpressionError) -> StatementToken {
        try skipBlanks()
        guard offset < bytes.count else { return token(.end, 0) }
        let first = byte()
        if Self.isWordStart(first) { return token(.word, run(from: offset, Self.isWordByte)) }
        if Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(1))) {
            return token(.number, numberCount())
        }
        switch first {
        case UInt8(ascii: "'"): return try quoted(.string)
        case UInt8(ascii: "\""): return try quoted(.quotedName)
        case UInt8(ascii: "?"): return token(.parameter, 1)
        default:
            guard let count = symbolCount(first) else { throw unreadable }
            return token(.symbol, count)
        }
    }

    private mutating func skipBlanks() throws(ExpressionError) {
        while offset < bytes.count {
            if byte() == 0x20 || (byte() >= 0x09 && byte() <= 0x0D) {
                offset += 1
            } else if byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
                offset += run(from: offset) { $0 != 0x0A && $0 != 0x0D }
            } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                try skipBlockComment()
            } else {
                return
            }
        }
    }

    private mutating func skipBlockComment() throws(ExpressionError) {
        var end = offset + 2
        while end + 1 < bytes.count {
            if bytes[end] == UInt8(ascii: "*"), bytes[end + 1] == UInt8(ascii: "/") {
                offset = end + 2
                return
            }
            end += 1
        }
        throw unreadable
    }

    private func symbolCount(_ first: UInt8) -> Int? {
        let second = byte(1)
        switch first {
        case UInt8(ascii: "<"):
            let isPair = [UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "<")].contains(second)
            return isPair ? 2 : 1
        case UInt8(ascii: ">"):
            return second == UInt8(ascii: "=") || second == UInt8(ascii: ">") ? 2 : 1
        case UInt8(ascii: "!"): return second == UInt8(ascii: "=") ? 2 : nil
        case UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["),
            UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "."),
            UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: "-"):
            return 1
        default: return nil
        }
    }

    private func numberCount() -> Int {
        var end = offset + run(from: offset, Self.isDigit)
        if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
            end += 1
            end += run(from: end, Self.isDigit)
        }
        guard end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") else { return end - offset }
        var digits = end + 1
        if digits < bytes.count,
            bytes[digits] == UInt8(ascii: "+") || bytes[digits] == UInt8(ascii: "-")
        {
            digits += 1
        }
        let count = run(from: digits, Self.isDigit)
        return (count == 0 ? end : digits + count) - offset
    }

    private mutating func quoted(
        _ kind: StatementToken.Kind
    ) throws(ExpressionError) -> StatementToken {
        let start = offset
        let quote = byte()
        var content: [UInt8] = []
        offset += 1
        while offset < bytes.count {
            if byte() == quote {
                guard byte(1) == quote, offset + 1 < bytes.count else {
                    offset += 1
                    return StatementToken(
                        kind: kind,
                        range: start..<offset,
                        text: String(decoding: content, as: UTF8.self)
                    )
                }
                offset += 1
            }
            content.append(byte())
            offset += 1
        }
        throw unreadable
    }

    private func run(from start: Int, _ belongs: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, belongs(bytes[end]) { end += 1 }
        return end - start
    }

    private mutating func token(_ kind: StatementToken.Kind, _ count: Int) -> StatementToken {
        let range = offset..<(offset + count)
        offset += count
        return StatementToken(
            kind: kind,
            range: range,
            text: String(decoding: bytes[range], as: UTF8.self)
        )
    }

    private var unreadable: ExpressionError { .notWellFormed("", at: offset) }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }

    private static func isWordByte(_ byte: UInt8) -> Bool { isWordStart(byte) || isDigit(byte) }
}

extension ExpressionError {
    /// A statement that is no sentence of the language: the service's frame around a detail.
    static func notWellFormed(_ detail: String, at offset: Int) -> ExpressionError {
        ExpressionError(
            .syntax,
            kind: nil,
            offset: offset,
            message: "Statement wasn't well formed, can't be processed: " + detail
        )
    }
}
