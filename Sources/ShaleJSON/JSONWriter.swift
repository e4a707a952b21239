internal import OrderedCollections

extension JSONValue {
    /// This value as JSON without white space, in UTF-8.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    /// This value as JSON without white space.
    package var json: String { String(decoding: encoded(), as: UTF8.self) }

    /// Appends this value.
    ///
    /// A double that is not finite, which JSON cannot say, is written as null.
    package func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value): bytes.append(contentsOf: Self.text(of: value).utf8)
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The shortest text that reads back as the same double, as Java writes it: `1.0`, `2.5`, `1.0E10`.
    static func text(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        let magnitude = value.magnitude
        guard magnitude != 0, magnitude >= 1e7 || magnitude < 1e-3 else { return value.description }
        return scientific(value)
    }

    /// A double with one digit before the point and an exponent.
    private static func scientific(_ value: Double) -> String {
        var digits: [UInt8] = []
        var exponent = -1
        var isWhole = true
        var text = value.magnitude.description.utf8[...]
        while let byte = text.popFirst() {
            switch byte {
            case UInt8(ascii: "."): isWhole = false
            case UInt8(ascii: "e"):
                exponent += Int(Substring(text)) ?? 0
                text = text.suffix(0)
            default:
                if isWhole { exponent += 1 }
                digits.append(byte)
            }
        }
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(min(leading, digits.count - 1))
        exponent -= leading
        return (value < 0 ? "-" : "")
            + String(decoding: scientific(digits, exponent), as: UTF8.self)
    }

    /// Decimal digits, the first of which counts tens to the power of the exponent.
    private static func scientific(_ digits: [UInt8], _ exponent: Int) -> [UInt8] {
        var digits = digits
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        var bytes = [digits[0], UInt8(ascii: ".")]
        bytes += digits.count == 1 ? [UInt8(ascii: "0")] : digits[1...]
        bytes.append(UInt8(ascii: "E"))
        bytes += String(exponent).utf8
        return bytes
    }

    /// Appends milliseconds since 1970 as seconds: the bytes of the double, without making it.
    package static func writeSeconds(milliseconds: Int64, to bytes: inout [UInt8]) {
        let digits = Array(String(milliseconds).utf8)
        // Behind 1970-04-26, the double is written with an exponent.
        guard milliseconds >= 10_000_000_000 else {
            return Self.double(Double(milliseconds) / 1_000).write(to: &bytes)
        }
        bytes += scientific(digits, digits.count - 4)
    }

    /// Appends a string with the escapes that JSON needs.
    package static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let text = text.utf8Span.span
        var start = 0
        for index in text.indices where needsEscape(text[index]) {
            append(text.extracting(start..<index), to: &bytes)
            escape(text[index], to: &bytes)
            start = index + 1
        }
        append(text.extracting(start..<text.count), to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func append(_ span: Span<UInt8>, to bytes: inout [UInt8]) {
        // Safety: the buffer is copied before the closure returns.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x0A: bytes.append(contentsOf: "\\n".utf8)
        case 0x0D: bytes.append(contentsOf: "\\r".utf8)
        case 0x09: bytes.append(contentsOf: "\\t".utf8)
        case 0x08: bytes.append(contentsOf: "\\b".utf8)
        case 0x0C: bytes.append(contentsOf: "\\f".utf8)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            for digit in [byte >> 4, byte & 15] {
                bytes.append(contentsOf: String(digit, radix: 16).utf8)
            }
        default: bytes.append(byte)
        }
    }
}
