internal import ShaleItems

/// Writes XML as the Query protocol has it: elements in elements, lists of `member`s.
package struct XMLWriter: Sendable {
    /// What was written so far.
    package private(set) var text = ""

    /// An empty writer.
    package init() {}

    /// Writes an element with what `body` writes inside it.
    mutating func element(
        _ name: String,
        space: String? = nil,
        _ body: (inout XMLWriter) -> Void
    ) {
        text += space.map { "<\(name) xmlns=\"\($0)\">" } ?? "<\(name)>"
        body(&self)
        text += "</\(name)>"
    }

    /// Writes an element with a text.
    mutating func element(_ name: String, text: String) {
        element(name) { $0.text += Self.escaped(text) }
    }

    /// Writes the members of a map as elements, lists as elements of members.
    mutating func members(_ map: Item) {
        for (name, value) in map { member(name, value) }
    }

    private mutating func member(_ name: String, _ value: AttributeValue) {
        element(name) { writer in
            switch value {
            case .string(let text): writer.text += Self.escaped(text)
            case .number(let number): writer.text += "\(number)"
            case .bool(let flag): writer.text += "\(flag)"
            case .list(let list): for element in list { writer.member("member", element) }
            case .map(let map): writer.members(map)
            default: preconditionFailure("answers of this protocol have no such values")
            }
        }
    }

    /// A text as it stands between tags; XML has no way to write most controls, which become spaces.
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case "\r": escaped += "&#xD;"
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
