import ShaleItems

/// Attribute values as text, for scripts: `{a: 1, s: "x", b: <00ff>, l: [true, null], t: SS("a")}`.
struct Literal {
    struct Malformed: Error { let rest: String }

    private var rest: Substring

    static func parse(_ text: String) throws -> AttributeValue {
        var literal = Literal(rest: Substring(text))
        let value = try literal.value()
        guard literal.peek() == nil else { throw literal.malformed }
        return value
    }

    private var malformed: Malformed { Malformed(rest: String(rest)) }

    private mutating func peek() -> Character? {
        rest = rest.drop(while: \.isWhitespace)
        return rest.first
    }

    private mutating func skip(_ text: String) -> Bool {
        _ = peek()
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private mutating func value() throws -> AttributeValue {
        for (text, value) in [
            ("true", AttributeValue.bool(true)), ("false", .bool(false)),
            ("null", .null),
        ] where skip(text) { return value }
        if skip("{") { return .map(try map()) }
        if skip("[") { return .list(try elements(until: "]")) }
        if skip("SS(") { return .stringSet(try elements(until: ")").compactMap(\.stringValue)) }
        if skip("NS(") { return .numberSet(try elements(until: ")").compactMap(\.numberValue)) }
        if skip("BS(") { return .binarySet(try elements(until: ")").compactMap(\.binaryValue)) }
        if skip("\"") {
            let text = rest.prefix { $0 != "\"" }
            rest = rest.dropFirst(text.count + 1)
            return .string(String(text))
        }
        if skip("<") {
            let digits = Array(rest.prefix { $0 != ">" })
            rest = rest.dropFirst(digits.count + 1)
            return .binary(
                stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                    UInt8(String(digits[$0...($0 + 1)]), radix: 16)
                }
            )
        }
        let digits = rest.prefix { $0.isNumber || "+-.eE".contains($0) }
        rest = rest.dropFirst(digits.count)
        return .number(try Number(String(digits)))
    }

    private mutating func elements(until end: String) throws -> [AttributeValue] {
        var elements: [AttributeValue] = []
        while !skip(end) {
            elements.append(try value())
            guard skip(",") || peek() == end.first else { throw malformed }
        }
        return elements
    }

    private mutating func map() throws -> AttributeMap {
        var map = AttributeMap()
        while !skip("}") {
            _ = peek()
            let name = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(name.count + 1)
            map[String(name)] = try value()
            guard skip(",") || peek() == "}" else { throw malformed }
        }
        return map
    }
}

extension AttributeValue {
    /// The value as `Literal` reads it.
    var literal: String {
        switch self {
        case .string(let text): "\"\(text)\""
        case .number(let number): number.description
        case .binary(let bytes):
            "<" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + ">"
        case .bool(let flag): "\(flag)"
        case .null: "null"
        case .list(let list): "[" + list.map(\.literal).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + map.map { "\($0.name): \($0.value.literal)" }.joined(separator: ", ") + "}"
        case .stringSet(let set):
            "SS(" + set.map { "\"\($0)\"" }.joined(separator: ", ") + ")"
        case .numberSet(let set): "NS(" + set.map(\.description).joined(separator: ", ") + ")"
        case .binarySet(let set):
            "BS(" + set.map { AttributeValue.binary($0).literal }.joined(separator: ", ") + ")"
        }
    }
}
