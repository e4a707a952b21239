/// Reads JSON of the usual form from bytes, and makes nothing of it that its caller does not ask for.
///
/// Every step answers with false or nil where the text is not what was asked for, or is unusual, and the
/// reader is then of no more use: `JSONReader` reads the body anew and says what is wrong with it, if
/// anything is. So this reader needs no errors, and one rule holds: **what it accepts, `JSONReader`
/// accepts, with the same meaning** (strings are UTF-8 without control characters and lone surrogates,
/// numbers and words are whole). Total: no input traps.
package struct PlainReader: Sendable {
    let bytes: [UInt8]
    private(set) var offset: Int
    let end: Int
    /// A string with escapes, decoded.
    private var decoded: [UInt8] = []

    /// Reads a range of `bytes`, which must lie inside.
    package init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "the range lies inside"
        )
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// A string: a range of the bytes it is read from, or decoded because it has escapes.
    package enum Text: Sendable {
        case range(Range<Int>)
        case decoded
    }

    // MARK: Structure

    /// The next byte that is not white space, not taken; nil at the end.
    mutating func peek() -> UInt8? {
        while offset < end {
            let byte = bytes[offset]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            offset += 1
        }
        return nil
    }

    /// Takes one byte, after white space.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    /// What follows a member or an element.
    package enum Next: Sendable {
        case another, end, malformed
    }

    /// Takes a comma or the closing bracket.
    package mutating func next(closing bracket: UInt8) -> Next {
        guard let byte = peek() else { return .malformed }
        offset += 1
        if byte == UInt8(ascii: ",") { return .another }
        return byte == bracket ? .end : .malformed
    }

    /// Whether nothing but white space is left.
    package mutating func isAtEnd() -> Bool { peek() == nil }

    /// Takes a member's name and the colon behind it.
    package mutating func name() -> Text? {
        guard let name = string(), take(UInt8(ascii: ":")) else { return nil }
        return name
    }

    // MARK: Values

    /// Takes true or false.
    package mutating func bool() -> Bool? {
        if word("true") { return true }
        return word("false") ? false : nil
    }

    private mutating func word(_ word: StaticString) -> Bool {
        guard peek() != nil, end - offset >= word.utf8CodeUnitCount else { return false }
        for index in 0..<word.utf8CodeUnitCount {
            // Safety: the index is below the count of the literal's bytes.
            guard unsafe word.utf8Start[index] == bytes[offset + index] else { return false }
        }
        offset += word.utf8CodeUnitCount
        return true
    }

    /// Takes a whole number of at most nine digits, without sign.
    package mutating func smallInteger() -> Int? {
        guard let first = peek(), first &- UInt8(ascii: "0") < 10 else { return nil }
        let start = offset
        var value = 0
        while offset < end, bytes[offset] &- UInt8(ascii: "0") < 10 {
            value = value * 10 + Int(bytes[offset] & 15)
            offset += 1
            guard offset - start <= 9 else { return nil }
        }
        guard first != UInt8(ascii: "0") || offset - start == 1 else { return nil }
        // A fraction or an exponent follows: unusual.
        guard offset == end || !Self.goesOn(bytes[offset]) else { return nil }
        return value
    }

    private static func goesOn(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
    }

    /// Takes a string.
    package mutating func string() -> Text? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = offset
        var isASCII = true
        while true {
            offset += plainCount(from: offset)
            guard offset < end else { return nil }
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let range = start..<offset
                offset += 1
                return isASCII || isUTF8(bytes.span.extracting(range)) ? .range(range) : nil
            case UInt8(ascii: "\\"): return escapedString(from: start)
            case 0..<0x20: return nil
            case 0x80...:
                isASCII = false
                offset += 1
            default: offset += 1
            }
        }
    }

    /// The bytes of a string that was just taken.
    package func withText<Answer>(_ text: Text, _ body: (Span<UInt8>) -> Answer) -> Answer {
        switch text {
        case .range(let range): body(bytes.span.extracting(range))
        case .decoded: body(decoded.span)
        }
    }

    /// Whether a string that was just taken is `word`.
    package func isText(_ text: Text, _ word: StaticString) -> Bool {
        withText(text) { text in
            guard text.count == word.utf8CodeUnitCount else { return false }
            for index in text.indices {
                // Safety: the index is below the count of the literal's bytes.
                guard unsafe word.utf8Start[index] == text[index] else { return false }
            }
            return true
        }
    }

    // MARK: Strings

    /// How many bytes from a place on are ASCII that stands for itself, eight at a time.
    ///
    /// The rest of the last eight is left to the caller's loop.
    private func plainCount(from start: Int) -> Int {
        var place = start
        // Safety: every bit pattern of a byte is a byte.
        let span = unsafe bytes.span.bytes
        while end - place >= 8 {
            // Safety: eight bytes are inside, and every bit pattern is an integer.
            let word = unsafe UInt64(
                littleEndian: span.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            )
            let special = ByteLanes.special(word)
            guard special == 0 else { return place - start + special.trailingZeroBitCount / 8 }
            place += 8
        }
        return place - start
    }

    private func isUTF8(_ text: Span<UInt8>) -> Bool { (try? UTF8Span(validating: text)) != nil }

    /// Goes on where the first backslash stands.
    private mutating func escapedString(from start: Int) -> Text? {
        decoded.removeAll(keepingCapacity: true)
        decoded.append(contentsOf: bytes[start..<offset])
        while offset < end {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return isUTF8(decoded.span) ? .decoded : nil
            case UInt8(ascii: "\\"): guard escape() else { return nil }
            case 0..<0x20: return nil
            default: decoded.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Bool {
        guard offset < end else { return false }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): return scalar()
        default: return false
        }
        return true
    }

    /// Takes the four digits behind `\u`, and those of a second escape when the first is a high surrogate.
    private mutating func scalar() -> Bool {
        guard let first = codeUnit() else { return false }
        var code = UInt32(first)
        if first & 0xFC00 == 0xD800 {
            guard end - offset >= 2, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            else { return false }
            offset += 2
            guard let second = codeUnit(), second & 0xFC00 == 0xDC00 else { return false }
            code = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else { return false }
        decoded.append(contentsOf: String(Character(scalar)).utf8)
        return true
    }

    private mutating func codeUnit() -> UInt16? {
        guard end - offset >= 4 else { return nil }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Hexadecimal.value(of: bytes[offset]) else { return nil }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}

/// Eight bytes looked at together.
enum ByteLanes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The high bit of each byte that is no ASCII, a control character, a quote or a backslash.
    ///
    /// Exact up to the first such byte; beyond it more may be marked.
    static func special(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        let controls = (word &- (ones &* 0x20)) & ~word
        let found = (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | controls
        return (found | word) & highs
    }
}
