extension JSONParser {
    /// Reads a string from its opening to behind its closing quotation mark.
    mutating func readString() throws(JSONError) -> String {
        offset += 1
        let start = offset
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
            guard bytes[offset] != UInt8(ascii: "\\") else {
                return try readEscaped(from: start)
            }
            guard bytes[offset] >= 0x20 else { throw error(.character) }
            offset += 1
        }
        let text = try text(of: bytes[start..<offset], at: start)
        _ = try peek()
        offset += 1
        return text
    }

    /// Reads a string that has escapes; those before `offset` are none.
    private mutating func readEscaped(from start: Int) throws(JSONError) -> String {
        var decoded = Array(bytes[start..<offset])
        while true {
            let byte = try peek()
            guard byte >= 0x20 else { throw error(.character) }
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(of: decoded[...], at: start)
            case UInt8(ascii: "\\"): decoded.append(contentsOf: try readEscape())
            default: decoded.append(byte)
            }
        }
    }

    private func text(of bytes: ArraySlice<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONError(offset: start, reason: .character)
        }
        return text
    }

    /// What stands for an escape, behind its backslash.
    private mutating func readEscape() throws(JSONError) -> [UInt8] {
        let byte = try peek()
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(try readScalar().utf8)
        default:
            offset -= 1
            throw error(.escape)
        }
    }

    /// A character of one `\u` escape, or of the two that make a pair of surrogates.
    private mutating func readScalar() throws(JSONError) -> String {
        let start = offset
        var code = try readUnit()
        if (0xD800..<0xDC00).contains(code) {
            guard try peek() == UInt8(ascii: "\\") else { throw error(.escape) }
            offset += 1
            guard try peek() == UInt8(ascii: "u") else { throw error(.escape) }
            offset += 1
            let low = try readUnit()
            guard (0xDC00..<0xE000).contains(low) else { throw error(.escape) }
            code = 0x1_0000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw JSONError(offset: start, reason: .escape)
        }
        return String(Character(scalar))
    }

    /// Four hexadecimal digits.
    private mutating func readUnit() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
                throw error(.escape)
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }
}
