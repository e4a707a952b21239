// Strings of JSON: escapes, surrogates and UTF-8.

extension JSONReader {
    /// Reads a string that stands next, after its quote was seen.
    mutating func readStringToken() throws(WireError) -> String {
        guard take(UInt8(ascii: "\"")) else { throw malformed("a string was expected") }
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let text = try text(bytes[start..<offset])
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                return try readEscapedString(from: start)
            case 0..<0x20:
                throw malformed("a control character in a string must be escaped")
            default:
                offset += 1
            }
        }
        throw malformed("a string has no end")
    }

    /// Goes on where the first backslash stands.
    private mutating func readEscapedString(from start: Int) throws(WireError) -> String {
        var decoded = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try text(decoded[...])
            case UInt8(ascii: "\\"):
                try readEscape(into: &decoded)
            case 0..<0x20:
                throw malformed("a control character in a string must be escaped")
            default:
                decoded.append(byte)
            }
        }
        throw malformed("a string has no end")
    }

    private mutating func readEscape(into decoded: inout [UInt8]) throws(WireError) {
        guard offset < bytes.count else { throw malformed("a string has no end") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded.append(contentsOf: try readScalar().utf8)
        default: throw malformed("no such escape")
        }
    }

    /// Reads the digits of `\uXXXX`, and of a second one when the first is a high surrogate.
    private mutating func readScalar() throws(WireError) -> String {
        let first = try readCodeUnit()
        var code = UInt32(first)
        if first & 0xFC00 == 0xD800 {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw malformed("a high surrogate stands alone")
            }
            let second = try readCodeUnit()
            guard second & 0xFC00 == 0xDC00 else {
                throw malformed("a high surrogate stands alone")
            }
            code = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw malformed("a low surrogate stands alone")
        }
        return String(Character(scalar))
    }

    private mutating func readCodeUnit() throws(WireError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = Hexadecimal.value(of: bytes[offset]) else {
                throw malformed("four hexadecimal digits must follow \\u")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    private func text(_ utf8: ArraySlice<UInt8>) throws(WireError) -> String {
        // The only error is that it is none.
        guard let valid = try? UTF8Span(validating: utf8.span) else {
            throw malformed("a string is not UTF-8")
        }
        return String(copying: valid)
    }
}
