internal import OrderedCollections
internal import ShaleJSON

/// A rule of a Choice as somebody would say it: `$.total > 100 and $.country = "DE"`.
enum ConditionWords {
    private static let relations: [(suffix: String, sign: String)] = [
        ("GreaterThanEquals", "≥"), ("LessThanEquals", "≤"), ("GreaterThan", ">"),
        ("LessThan", "<"), ("Equals", "="), ("Matches", "like"),
    ]
    private static let tests = [
        "IsNull": "null", "IsPresent": "present", "IsNumeric": "a number", "IsString": "a text",
        "IsBoolean": "true or false", "IsTimestamp": "a time",
    ]

    static func words(_ rule: JSONValue) -> String {
        if let expression = rule["Condition"] {
            guard let text = expression.text else { return expression.json }
            return trimmed(text)
        }
        if let all = rule["And"]?.elements { return joined(all, " and ") }
        if let any = rule["Or"]?.elements { return joined(any, " or ") }
        if let inner = rule["Not"] { return "not \(grouped(inner))" }
        let variable = rule["Variable"]?.text ?? "?"
        for (name, operand) in rule.members ?? [:] {
            if let test = tests[name] {
                return "\(variable) is \(operand == .bool(false) ? "not " : "")\(test)"
            }
            let plain = name.hasSuffix("Path") ? String(name.dropLast(4)) : name
            guard let relation = relations.first(where: { plain.hasSuffix($0.suffix) }) else {
                continue
            }
            let other = plain == name ? operand.json : operand.text ?? operand.json
            return "\(variable) \(relation.sign) \(other)"
        }
        return variable
    }

    private static func joined(_ rules: [JSONValue], _ word: String) -> String {
        rules.map(grouped).joined(separator: word)
    }

    /// In brackets where it has parts.
    private static func grouped(_ rule: JSONValue) -> String {
        let hasParts = rule["And"] != nil || rule["Or"] != nil
        return hasParts ? "(\(words(rule)))" : words(rule)
    }

    /// An expression of JSONata without its marks.
    private static func trimmed(_ text: String) -> String {
        var inner = Substring(text)
        if inner.hasPrefix("{%"), inner.hasSuffix("%}") { inner = inner.dropFirst(2).dropLast(2) }
        return inner.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
