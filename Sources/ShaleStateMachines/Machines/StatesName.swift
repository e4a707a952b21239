/// The names of state machines, activities and executions.
package enum StatesName {
    /// Refuses what is no name.
    ///
    /// - Throws: `.invalidName` for an empty or too long one, and for letters that names do not have.
    package static func check(_ name: String) throws(StatesError) {
        let isShort = name.utf16.count <= StatesLimits.nameLetters
        guard !name.isEmpty, isShort, name.unicodeScalars.allSatisfy(isAllowed) else {
            throw StatesError(.invalidName, "Invalid Name: '\(name.prefix(256))'")
        }
    }

    /// Whether a letter may be in a name: no space, no bracket, no wildcard, nothing that resource names, paths or shells read.
    private static func isAllowed(_ letter: Unicode.Scalar) -> Bool {
        switch letter {
        case "<", ">", "{", "}", "[", "]", "?", "*", "\"", "#", "%", "\\", "^", "|", "~", "`", "$",
            "&", ",", ";", ":", "/":
            false
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}"..."\u{FFFF}", "\u{10FFFF}": false
        default: !letter.properties.isWhitespace
        }
    }
}
