/// Text for a terminal: colours where they are wanted, and nothing that a terminal would obey.
struct TerminalText {
    enum Style {
        case outcome(Outcome)
        case bold, faint, plain
    }

    let hasColours: Bool

    func styled(_ text: String, _ style: Style) -> String {
        guard hasColours, let code = Self.code(style), !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func code(_ style: Style) -> String? {
        switch style {
        case .outcome(.succeeded): "32"
        case .outcome(.failed): "1;31"
        case .outcome(.caught): "33"
        case .outcome(.running): "1;34"
        case .outcome(.aborted): "35"
        case .outcome(.notReached), .faint: "2"
        case .bold: "1"
        case .plain: nil
        }
    }

    /// On one line, without what moves the cursor or changes colours.
    static func clean(_ text: String) -> String {
        var clean = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            clean.unicodeScalars.append(isControl ? " " : scalar)
        }
        return clean
    }

    /// How many columns a text takes.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    /// The text, or as much of its beginning as so many columns hold, with a mark that there is more.
    static func cut(_ text: String, to columns: Int) -> String {
        guard Self.columns(text) > columns else { return text }
        var (kept, used) = ("", 1)
        for character in text {
            used += Self.columns(character)
            guard used <= columns else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// Letters of East Asia and pictures take two.
    private static func columns(_ character: Character) -> Int {
        let value = character.unicodeScalars.first?.value ?? 0
        let isWide =
            (0x1100..<0x1160).contains(value) || (0x2E80..<0xA4D0).contains(value)
            || (0xAC00..<0xD7A4).contains(value) || (0xF900..<0xFB00).contains(value)
            || (0xFF00..<0xFF61).contains(value) || value >= 0x1F300
        return isWide ? 2 : 1
    }
}
