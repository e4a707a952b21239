internal import ShaleJSON

/// Functions between texts and their encodings.
extension Builtin {
    static let encodings: [Builtin] = [
        Builtin("base64encode", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(Base64.encoded(Array(text.utf8)))
        },
        Builtin("base64decode", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(String(decoding: Base64.decoded(text), as: UTF8.self))
        },
        Builtin("encodeUrlComponent", "<s-:s>", arity: 1) {
            evaluator,
            arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(percentEncoded(text, keeping: unreserved))
        },
        Builtin("encodeUrl", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(percentEncoded(text, keeping: unreserved + reserved))
        },
        Builtin("decodeUrlComponent", "<s-:s>", arity: 1) {
            evaluator,
            arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(
                percentDecoded(text, keeping: "", for: "decodeUrlComponent")
            )
        },
        Builtin("decodeUrl", "<s-:s>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            return try evaluator.string(
                percentDecoded(text, keeping: reserved, for: "decodeUrl")
            )
        },
    ]

    private static let unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
    private static let reserved = ";/?:@&=+$,#"

    private static func percentEncoded(_ text: String, keeping kept: String) -> String {
        let kept = Set(kept.utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if kept.contains(byte) {
                result.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `kept`: the characters whose escapes stay escapes.
    private static func percentDecoded(
        _ text: String,
        keeping kept: String,
        for function: String
    ) throws(JSONataError) -> String {
        let kept = Set(kept.utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let digits = String(decoding: bytes[index..<min(index + 3, bytes.count)], as: UTF8.self)
            guard digits.utf8.count == 3, !digits.contains("+"), !digits.contains("-"),
                let byte = UInt8(digits.dropFirst(), radix: 16)
            else { throw malformed(text, function) }
            result += kept.contains(byte) ? Array(bytes[index..<index + 3]) : [byte]
            index += 3
        }
        guard let decoded = String(validating: result, as: UTF8.self) else {
            throw malformed(text, function)
        }
        return decoded
    }

    private static func malformed(_ text: String, _ function: String) -> JSONataError {
        let value = JSONValue.string(text)
        return JSONataError(
            "D3140",
            token: function,
            value: value,
            message: "Malformed URL passed to $\(function)(): \(value.json)"
        )
    }
}

/// Base64 with its padding.
enum Base64 {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    static func encoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for offset in 0..<3 {
                bits = bits << 8 | (offset < part.count ? UInt32(part[start + offset]) : 0)
            }
            for place in 0..<4 {
                let letter = letters[Int(bits >> UInt32(18 - 6 * place) & 63)]
                result.append(place <= part.count ? letter : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The bytes of a text; what is no letter of Base64 is passed over.
    static func decoded(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            guard let value = value(of: byte) else { continue }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return result
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - 97 + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - 48 + 52)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
