/// An SVG under construction: elements in the order in which they are painted.
struct SVGWriter {
    private(set) var lines: [String] = []

    /// An element; attributes whose value is nil are left out.
    mutating func element(_ name: String, _ attributes: [(String, String?)], title: String? = nil) {
        let text = Self.attributes(attributes)
        let inner = title.map { "<title>\(Self.escaped($0))</title></\(name)>" }
        lines.append("<\(name)\(text)\(inner.map { ">\($0)" } ?? "/>")")
    }

    /// A text whose baseline is at y.
    mutating func text(_ text: String, x: Double, y: Double, _ more: [(String, String?)] = []) {
        let place = Self.attributes([("x", x.pixels), ("y", y.pixels)] + more)
        lines.append("<text\(place)>\(Self.escaped(text))</text>")
    }

    mutating func box(_ box: Box, radius: Double, _ more: [(String, String?)], title: String? = nil)
    {
        element(
            "rect",
            [
                ("x", box.x.pixels), ("y", box.y.pixels), ("width", box.width.pixels),
                ("height", box.height.pixels), ("rx", radius > 0 ? radius.pixels : nil),
            ] + more,
            title: title
        )
    }

    mutating func path(_ path: String, _ more: [(String, String?)]) {
        element("path", [("d", path)] + more)
    }

    /// Opens a group, which has a title for those who point at it or have it read out.
    mutating func open(_ attributes: [(String, String?)], title: String?) {
        let title = title.map { "<title>\(Self.escaped($0))</title>" } ?? ""
        lines.append("<g\(Self.attributes(attributes))>\(title)")
    }

    mutating func close() { lines.append("</g>") }

    private static func attributes(_ attributes: [(String, String?)]) -> String {
        attributes.reduce(into: "") { text, attribute in
            if let value = attribute.1 { text += " \(attribute.0)=\"\(escaped(value))\"" }
        }
    }

    /// A text as it may stand in an element or an attribute; characters that XML forbids become a mark.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
