internal import ShaleJSON
// Powers and roots without Foundation.
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Functions of numbers.
extension Builtin {
    static let numbers: [Builtin] = [
        Builtin("number", "<(nsb)-:n>", arity: 1) { _, arguments throws(JSONataError) in
            switch arguments[0] {
            case .number(let value): return .number(value)
            case .bool(let value): return .number(value ? 1 : 0)
            case .string(let text):
                guard let value = number(in: text) else {
                    throw JSONataError("D3030", value: .string(text), index: 1)
                }
                return .number(value)
            default: return .undefined
            }
        },
        rounding("floor") { $0.rounded(.down) },
        rounding("ceil") { $0.rounded(.up) },
        rounding("abs") { $0.magnitude },
        Builtin("round", "<n-n?:n>", arity: 2) { _, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            let wanted = arguments.number(1) ?? 0
            let places = wanted.isNaN ? 0 : min(max(wanted.rounded(.towardZero), -400), 400)
            return .number(NumberText.roundedHalfEven(value, places: Int(places)))
        },
        Builtin("sqrt", "<n-:n>", arity: 1) { _, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            guard value >= 0 else {
                throw JSONataError("D3060", value: Value.json(of: value), index: 1)
            }
            return .number(value.squareRoot())
        },
        Builtin("power", "<n-n:n>", arity: 2) { _, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            guard let exponent = arguments.number(1) else { return .undefined }
            let result = pow(value, exponent)
            guard result.isFinite else {
                throw JSONataError(
                    "D3061",
                    value: Value.json(of: value),
                    otherValue: Value.json(of: exponent),
                    index: 1
                )
            }
            return .number(result)
        },
        Builtin("random", "<:n>", arity: 0) { evaluator, _ throws(JSONataError) in
            .number(Double(evaluator.nextRandom() >> 11) / 9_007_199_254_740_992)
        },
        Builtin("formatBase", "<n-n?:s>", arity: 2) { _, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            let radix = NumberText.roundedHalfEven(arguments.number(1) ?? 10, places: 0)
            guard radix >= 2, radix <= 36 else {
                throw JSONataError("D3100", value: Value.json(of: radix))
            }
            return .string(text(NumberText.roundedHalfEven(value, places: 0), radix: Int(radix)))
        },
        Builtin("formatNumber", "<n-so?:s>", arity: 3) {
            evaluator,
            arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            let picture = try NumberPicture(arguments.string(1) ?? "", options: arguments.object(2))
            return try evaluator.string(picture.text(of: value))
        },
        Builtin("formatInteger", "<n-s:s>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            let picture = try IntegerPicture(arguments.string(1) ?? "")
            try evaluator.charge(picture.size(of: value))
            return try evaluator.string(picture.text(of: value.rounded(.down)))
        },
        Builtin("parseInteger", "<s-s:n>", arity: 2) { _, arguments throws(JSONataError) in
            guard let text = arguments.string(0) else { return .undefined }
            let picture = try IntegerPicture(arguments.string(1) ?? "")
            if case .sequence(let token) = picture.kind {
                throw JSONataError("D3130", value: .string(token))
            }
            return picture.number(in: text).map(Value.number) ?? .undefined
        },
    ]

    private static func rounding(
        _ name: String,
        _ operation: @escaping @Sendable (Double) -> Double
    ) -> Builtin {
        Builtin(name, "<n-:n>", arity: 1) { _, arguments throws(JSONataError) in
            guard let value = arguments.number(0) else { return .undefined }
            return .number(operation(value))
        }
    }

    /// The number that a whole text is: of JSON, or with a prefix of hexadecimal, octal or binary.
    private static func number(in text: String) -> Double? {
        let prefixes = [("0x", 16), ("0o", 8), ("0b", 2)]
        let lower = text.lowercased()
        for (prefix, radix) in prefixes where lower.hasPrefix(prefix) {
            let digits = lower.dropFirst(2)
            guard let first = digits.first, first != "-", first != "+" else { return nil }
            var value = 0.0
            for digit in digits {
                guard let number = digit.hexDigitValue, number < radix else { return nil }
                value = value * Double(radix) + Double(number)
            }
            return value
        }
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        guard isPlain, let first = text.utf8.first, first != UInt8(ascii: "+"),
            first != UInt8(ascii: "."), text.utf8.last != UInt8(ascii: "."),
            !text.contains(".e"), !text.contains(".E"), !text.hasPrefix("-."),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    private static func text(_ value: Double, radix: Int) -> String {
        guard value != 0, value.isFinite else { return "0" }
        var digits: [Character] = []
        var rest = value.magnitude
        while rest > 0 {
            let digit = Int(rest.truncatingRemainder(dividingBy: Double(radix)))
            digits += Array(String(digit, radix: radix))
            rest = (rest / Double(radix)).rounded(.down)
        }
        return (value < 0 ? "-" : "") + String(digits.reversed())
    }
}
