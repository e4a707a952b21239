internal import ShaleJSON

extension Lexer {
    /// Reads a string from its opening to behind its closing quotation mark.
    mutating func readString(quote: Unicode.Scalar) throws(JSONataError) -> String {
        offset += 1
        var units = String.UnicodeScalarView()
        while let scalar = peek() {
            offset += 1
            if scalar == quote { return String(units) }
            units.append(scalar == "\\" ? try readEscape() : scalar)
        }
        throw error("S0101")
    }

    /// What stands for an escape, behind its backslash.
    private mutating func readEscape() throws(JSONataError) -> Unicode.Scalar {
        guard let scalar = peek() else { throw error("S0103") }
        offset += 1
        switch scalar {
        case "\"", "\\", "/": return scalar
        case "b": return "\u{08}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": return try readUnicodeEscape()
        default: throw error("S0103", token: String(Character(scalar)))
        }
    }

    /// One `\u` escape, or the two of a pair; half of a pair is U+FFFD, as strings here are Unicode.
    private mutating func readUnicodeEscape() throws(JSONataError) -> Unicode.Scalar {
        let unit = try readUnit()
        if (0xD800..<0xDC00).contains(unit), peek() == "\\", peek(1) == "u" {
            let mark = offset
            offset += 2
            let low = try readUnit()
            if (0xDC00..<0xE000).contains(low) {
                let code = 0x1_0000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                return Unicode.Scalar(code) ?? "\u{FFFD}"
            }
            offset = mark
        }
        return Unicode.Scalar(unit) ?? "\u{FFFD}"
    }

    private mutating func readUnit() throws(JSONataError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let scalar = peek(), let digit = Character(scalar).hexDigitValue, scalar.isASCII
            else { throw error("S0104") }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }

    mutating func readQuotedName() throws(JSONataError) -> String {
        offset += 1
        let start = offset
        while let scalar = peek(), scalar != "`" { offset += 1 }
        guard peek() != nil else { throw error("S0105") }
        defer { offset += 1 }
        return String(String.UnicodeScalarView(text[start..<offset]))
    }

    /// Reads a number of JSON without a sign.
    mutating func readNumber() throws(JSONataError) -> Double {
        let start = offset
        if peek() == "0" { offset += 1 } else { skipDigits() }
        if peek() == ".", isDigit(peek(1)) {
            offset += 1
            skipDigits()
        }
        if peek() == "e" || peek() == "E" {
            let hasSign = peek(1) == "+" || peek(1) == "-"
            if isDigit(peek(hasSign ? 2 : 1)) {
                offset += hasSign ? 2 : 1
                skipDigits()
            }
        }
        let number = String(String.UnicodeScalarView(text[start..<offset]))
        guard let value = Double(number), value.isFinite else {
            throw error("S0102", token: number)
        }
        return value
    }

    private func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return ("0"..."9").contains(scalar)
    }

    private mutating func skipDigits() {
        while isDigit(peek()) { offset += 1 }
    }

    /// Reads a regular expression from behind its first slash to behind its flags.
    mutating func readPattern() throws(JSONataError) -> Pattern {
        let start = offset
        var isInClass = false
        var depth = 0
        while let scalar = peek(), scalar != "/" || isInClass || depth > 0 {
            switch scalar {
            case "\\": offset += 1
            case "[": isInClass = true
            case "]": isInClass = false
            case "(", "{": depth += isInClass ? 0 : 1
            case ")", "}": depth -= isInClass ? 0 : 1
            default: break
            }
            offset += 1
        }
        guard offset < text.count else { throw error("S0302") }
        let source = text[start..<offset]
        guard !source.isEmpty else { throw error("S0301") }
        offset += 1
        var flags: Set<Unicode.Scalar> = []
        while let flag = peek(), flag == "i" || flag == "m" {
            flags.insert(flag)
            offset += 1
        }
        do throws(PatternError) {
            return try Pattern(
                Array(source),
                ignoresCase: flags.contains("i"),
                isMultiline: flags.contains("m")
            )
        } catch {
            throw JSONataError("S0303", position: offset, value: .string(error.reason))
        }
    }
}
