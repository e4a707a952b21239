internal import ShaleLogs

/// Which lines are wanted: nothing said is all, terms, or a condition on lines that are JSON.
///
///     ERROR timeout            both stand in the line
///     ?ERROR ?WARN             one of them at least
///     ERROR -"not important"   the first, and not the other
///     { $.level = "warn*" }    a JSON line whose member is so
///
/// Terms are compared byte by byte, wherever they stand. A term with other letters than those of words stands in quotes. Beside
/// other terms those with `?` say nothing, as in the service.
package struct FilterPattern: Sendable {
    private enum Kind: Sendable {
        case terms(wanted: [String], any: [String], unwanted: [String])
        case json(JSONCondition)
    }

    private let kind: Kind

    /// Reads a pattern.
    ///
    /// - Throws: `InvalidParameterException`, which names the pattern and what is wrong with it.
    package init(_ text: String) throws(RestError) {
        let bytes = text.utf8.drop { Self.isSpace($0) }
        switch bytes.first {
        case UInt8(ascii: "{"): kind = .json(try JSONCondition(text))
        case UInt8(ascii: "["):
            throw Self.invalid(text, "patterns of columns are not supported by this server")
        case UInt8(ascii: "%"):
            throw Self.invalid(text, "regular expressions are not supported by this server")
        default: kind = try Self.terms(text)
        }
    }

    /// Whether a line is wanted.
    package func matches(_ line: String) -> Bool {
        switch kind {
        case .json(let condition): return condition.matches(line)
        case .terms(let wanted, let any, let unwanted):
            guard wanted.allSatisfy({ line.contains(literally: $0) }),
                !unwanted.contains(where: { line.contains(literally: $0) })
            else { return false }
            guard wanted.isEmpty, unwanted.isEmpty, !any.isEmpty else { return true }
            return any.contains { line.contains(literally: $0) }
        }
    }

    static func invalid(_ pattern: String, _ reason: String) -> RestError {
        .logs(.invalid, "Invalid filter pattern '\(pattern.prefix(1_024))': \(reason).")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func terms(_ text: String) throws(RestError) -> Kind {
        var wanted: [String] = []
        var any: [String] = []
        var unwanted: [String] = []
        var rest = text.utf8[...]
        while true {
            rest = rest.drop { isSpace($0) }
            guard let sign = rest.first else { break }
            let isSigned = sign == UInt8(ascii: "?") || sign == UInt8(ascii: "-")
            if isSigned { rest = rest.dropFirst() }
            let term = try term(&rest, of: text)
            switch sign {
            case UInt8(ascii: "?"): any.append(term)
            case UInt8(ascii: "-"): unwanted.append(term)
            default: wanted.append(term)
            }
        }
        return .terms(wanted: wanted, any: any, unwanted: unwanted)
    }

    private static func term(
        _ rest: inout Substring.UTF8View,
        of text: String
    ) throws(RestError) -> String {
        if rest.first == UInt8(ascii: "\"") { return try quoted(&rest, of: text) }
        let term = rest.prefix { !isSpace($0) }
        guard !term.isEmpty else { throw invalid(text, "a sign stands alone") }
        guard let word = String(term), term.allSatisfy(isOfWord) else {
            throw invalid(text, "a term with other characters than those of words needs quotes")
        }
        rest = rest.dropFirst(term.count)
        return word
    }

    static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }

    /// Takes a text in quotes, in which a backslash stands before a quote or a backslash.
    static func quoted(
        _ rest: inout Substring.UTF8View,
        of text: String
    ) throws(RestError) -> String {
        var bytes: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                guard !bytes.isEmpty else { throw invalid(text, "quotes without anything in them") }
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                if let next = rest.popFirst() { bytes.append(next) }
            default: bytes.append(byte)
            }
        }
        throw invalid(text, "a quote has no end")
    }
}
