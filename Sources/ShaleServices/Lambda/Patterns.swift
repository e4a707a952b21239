/// How texts of this service must look.
enum Patterns {
    static let qualifier = Pattern(
        #"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"#,
        letters: Pattern.alphanumeric + "-_$."
    )
    static let alias = Pattern("(?!^[0-9]+$)([a-zA-Z0-9-_]+)") { text in
        let letters = Set((Pattern.alphanumeric + "-_").utf8)
        return !text.isEmpty && text.utf8.allSatisfy(letters.contains)
            && !text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
    }
    static let version = Pattern(#"(\$LATEST(\.PUBLISHED)?|[0-9]+)"#) { text in
        text == "$LATEST" || (!text.isEmpty && text.utf8.allSatisfy { 0x30...0x39 ~= $0 })
    }
    static let role = Pattern(#"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"#) {
        let parts = $0.split(separator: ":", omittingEmptySubsequences: false)
        let letters = Set((Pattern.alphanumeric + "+=,.@-_/").utf8)
        return parts.count == 6 && parts[0] == "arn" && parts[2] == "iam" && parts[3].isEmpty
            && parts[4].utf8.count == 12 && parts[4].utf8.allSatisfy { 0x30...0x39 ~= $0 }
            && parts[5].hasPrefix("role") && parts[5].utf8.count > 4
            && parts[5].utf8.allSatisfy(letters.contains)
    }
    static let handler = Pattern(#"[^\s]+"#) { text in
        !text.isEmpty && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace }
    }
    static let logGroup = Pattern(
        #"[\.\-_/#A-Za-z0-9]+"#,
        letters: Pattern.alphanumeric + ".-_/#"
    )
    static let layer = Pattern(
        #"(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+"#
    ) { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let letters = Set((Pattern.alphanumeric + "-_").utf8)
        let isResource =
            parts.count == 7 && parts[0] == "arn" && parts[2] == "lambda" && parts[5] == "layer"
        guard let name = parts.last, parts.count == 1 || isResource else { return false }
        return !name.isEmpty && name.utf8.allSatisfy(letters.contains)
    }
    static let layerPrincipal = Pattern(#"\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root"#) {
        text in
        let isAccount = { (part: Substring) in
            part.utf8.count == 12 && part.utf8.allSatisfy { 0x30...0x39 ~= $0 }
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1 { return text == "*" || isAccount(parts[0]) }
        return parts.count == 6 && parts[0] == "arn" && parts[1].hasPrefix("aws")
            && parts[2] == "iam" && parts[3].isEmpty && isAccount(parts[4]) && parts[5] == "root"
    }
    static let organization = Pattern("o-[a-z0-9]{10,32}") { text in
        text.hasPrefix("o-") && (12...34).contains(text.utf8.count)
            && text.utf8.dropFirst(2).allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 }
    }
    static let statement = Pattern("([a-zA-Z0-9-_]+)", letters: Pattern.alphanumeric + "-_")
    static let action = Pattern(#"(lambda:[*]|lambda:[a-zA-Z]+|[*])"#) { text in
        let letters = Set(Pattern.alphanumeric.utf8)
        guard text != "*", text.hasPrefix("lambda:") else { return text == "*" }
        let verb = text.dropFirst("lambda:".count)
        return verb == "*" || (!verb.isEmpty && verb.utf8.allSatisfy(letters.contains))
    }
}
