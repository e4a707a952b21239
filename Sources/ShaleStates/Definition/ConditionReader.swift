internal import OrderedCollections
internal import ShaleJSON

/// Reads the condition of a rule.
struct ConditionReader {
    let language: QueryLanguage
    let prefix: String

    func read(_ rule: Fields, depth: Int = 0) throws(DefinitionError) -> Condition {
        guard depth < Template.depthLimit else { throw DefinitionError(rule.location, "too deep") }
        if language == .jsonata { return try readExpression(rule) }
        if let rules = try rule.array("And") { return .all(try readAll(rules, "And", rule, depth)) }
        if let rules = try rule.array("Or") { return .any(try readAll(rules, "Or", rule, depth)) }
        if let value = rule["Not"] {
            return .not(try read(try Fields(value, at: rule.place("Not")), depth: depth + 1))
        }
        guard let path = try rule.path("Variable") else {
            throw rule.error("Variable", "is missing")
        }
        for (name, value) in rule.members {
            guard let choiceOperator = ChoiceOperator.all[name] else { continue }
            guard choiceOperator.takesPath else {
                return .test(path, choiceOperator, .literal(value))
            }
            guard let operand = try rule.path(name) else { continue }
            return .test(path, choiceOperator, .path(operand))
        }
        throw DefinitionError(rule.location, "no operator")
    }

    private func readAll(
        _ rules: [JSONValue],
        _ name: String,
        _ parent: Fields,
        _ depth: Int
    ) throws(DefinitionError) -> [Condition] {
        var conditions: [Condition] = []
        for (index, value) in rules.enumerated() {
            let rule = try Fields(value, at: parent.place("\(name)/\(index)"))
            conditions.append(try read(rule, depth: depth + 1))
        }
        return conditions
    }

    private func readExpression(_ rule: Fields) throws(DefinitionError) -> Condition {
        switch rule["Condition"] {
        case .bool(let value): return .constant(value)
        case .string(let text):
            guard let source = Expression.source(in: text) else {
                throw rule.error("Condition", "an expression is expected")
            }
            let place = rule.place("Condition")
            return .expression(try Expression(source, field: prefix + "Condition", at: place))
        default: throw rule.error("Condition", "is missing")
        }
    }
}
