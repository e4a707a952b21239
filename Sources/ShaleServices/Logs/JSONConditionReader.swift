internal import ShaleItems

/// Reads a condition on lines of JSON, by descent: or, and, one comparison or parentheses.
struct JSONConditionReader {
    /// Parentheses in each other.
    private static let mostDepth = 32

    private let text: String
    private var rest: Substring.UTF8View
    private var depth = 0

    init(_ text: String) {
        self.text = text
        rest = text.utf8[...]
    }

    /// The whole pattern, with its braces.
    mutating func condition() throws(RestError) -> JSONCondition.Node {
        try expect("{")
        let node = try any()
        try expect("}")
        skipSpace()
        guard rest.isEmpty else { throw invalid("something stands behind its end") }
        return node
    }

    private mutating func any() throws(RestError) -> JSONCondition.Node {
        var nodes = [try all()]
        while take("||") { nodes.append(try all()) }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func all() throws(RestError) -> JSONCondition.Node {
        var nodes = [try unit()]
        while take("&&") { nodes.append(try unit()) }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func unit() throws(RestError) -> JSONCondition.Node {
        guard take("(") else { return .test(try selector(), try test()) }
        depth += 1
        guard depth <= Self.mostDepth else { throw invalid("too many parentheses") }
        let node = try any()
        try expect(")")
        depth -= 1
        return node
    }

    /// `$.name`, `$["name"]`, `$.list[0]` and so on.
    private mutating func selector() throws(RestError) -> [JSONCondition.Step] {
        try expect("$")
        var steps: [JSONCondition.Step] = []
        while let next = rest.first {
            if next == UInt8(ascii: ".") {
                rest = rest.dropFirst()
                steps.append(.member(try name()))
            } else if next == UInt8(ascii: "[") {
                rest = rest.dropFirst()
                steps.append(try bracketed())
                try expect("]")
            } else {
                break
            }
        }
        guard !steps.isEmpty else { throw invalid("a selector has the form $.name") }
        return steps
    }

    private mutating func name() throws(RestError) -> String {
        let word = rest.prefix { byte in
            FilterPattern.isOfName(byte)
        }
        guard !word.isEmpty, let name = String(word) else {
            throw invalid("a selector has the form $.name")
        }
        rest = rest.dropFirst(word.count)
        return name
    }

    private mutating func bracketed() throws(RestError) -> JSONCondition.Step {
        if rest.first == UInt8(ascii: "\"") {
            return .member(try FilterPattern.quoted(&rest, of: text))
        }
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        guard let word = String(digits), let index = Int(word) else {
            throw invalid("brackets hold a number, or a name in quotes")
        }
        rest = rest.dropFirst(digits.count)
        return .element(index)
    }

    private mutating func test() throws(RestError) -> JSONCondition.Test {
        if take("IS") {
            if take("TRUE") { return .word(true) }
            if take("FALSE") { return .word(false) }
            if take("NULL") { return .word(.null) }
            throw invalid("IS is followed by TRUE, FALSE or NULL")
        }
        if take("NOT") {
            guard take("EXISTS") else { throw invalid("NOT is followed by EXISTS") }
            return .isAbsent
        }
        // Two characters before one of them.
        let signs = JSONCondition.Comparison.allCases.sorted {
            $0.rawValue.count > $1.rawValue.count
        }
        for sign in signs where take(sign.rawValue) { return try test(sign) }
        throw invalid("a comparison is missing")
    }

    private mutating func test(
        _ sign: JSONCondition.Comparison
    ) throws(RestError) -> JSONCondition.Test {
        skipSpace()
        let isQuoted = rest.first == UInt8(ascii: "\"")
        let value = isQuoted ? try FilterPattern.quoted(&rest, of: text) : try bareValue()
        if !isQuoted, let number = try? Number(value) { return .number(number, sign) }
        guard sign == .equal || sign == .unequal else {
            throw invalid("\(sign.rawValue) compares numbers")
        }
        return .text(value, isEqual: sign == .equal)
    }

    private mutating func bareValue() throws(RestError) -> String {
        let word = rest.prefix { byte in
            FilterPattern.isOfName(byte) || byte == UInt8(ascii: "*") || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "+")
        }
        guard !word.isEmpty, let value = String(word) else { throw invalid("a value is missing") }
        rest = rest.dropFirst(word.count)
        return value
    }

    // MARK: Tokens

    private mutating func skipSpace() { rest = rest.drop { $0 <= 0x20 } }

    private mutating func take(_ token: String) -> Bool {
        skipSpace()
        guard rest.starts(with: token.utf8) else { return false }
        rest = rest.dropFirst(token.utf8.count)
        return true
    }

    private mutating func expect(_ token: String) throws(RestError) {
        guard take(token) else { throw invalid("\(token) is missing") }
    }

    private func invalid(_ reason: String) -> RestError { FilterPattern.invalid(text, reason) }
}

extension FilterPattern {
    /// Letters, digits, the line below and the one between.
    static func isOfName(_ byte: UInt8) -> Bool { isOfWord(byte) || byte == UInt8(ascii: "-") }
}
