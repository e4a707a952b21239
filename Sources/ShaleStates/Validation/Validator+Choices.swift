internal import OrderedCollections
internal import ShaleJSON

/// The rules of a Choice state.
extension Validator {
    mutating func checkChoice(_ judge: StateJudge) {
        let fields = judge.fields
        checkRequired(["Choices"], of: fields)
        checkText("Default", of: fields)
        guard let value = fields["Choices"] else { return }
        guard let rules = value.elements, !rules.isEmpty else {
            return refuse("Value is not an array of rules", at: fields.place("Choices"))
        }
        for (index, rule) in rules.enumerated() {
            let place = fields.place("Choices[\(index)]")
            guard case .object(let members) = rule else {
                refuse("Value is not an object", at: place)
                continue
            }
            let inner = StateJudge(
                fields: FieldSet(members, at: place),
                language: judge.language
            )
            checkRequired(["Next"], of: inner.fields)
            checkText("Next", of: inner.fields)
            checkTemplate("Assign", inner)
            switch judge.language {
            case .jsonPath: checkTest(inner.fields, isTop: true, depth: 0)
            case .jsonata: checkCondition(inner)
            }
        }
    }

    private mutating func checkCondition(_ judge: StateJudge) {
        let fields = judge.fields
        checkNames(of: fields, among: ["Condition", "Next", "Assign", "Output", "Comment"])
        checkRequired(["Condition"], of: fields)
        checkTemplate("Output", judge)
        checkTemplate("Condition", judge)
        switch fields["Condition"] {
        case nil, .bool: break
        case .string(let text) where Expression.source(in: text) != nil: break
        default: refuse("Value is not a JSONata expression", at: fields.place("Condition"))
        }
    }

    /// A rule of JSONPath, or one in `And`, `Or` and `Not`.
    private mutating func checkTest(_ fields: FieldSet, isTop: Bool, depth: Int) {
        guard depth < DefinitionReader.depthLimit else {
            return report("TOO_DEEPLY_NESTED", "Rules are too deeply nested", at: fields.location)
        }
        var extra: Set<String> = ["Comment"]
        if isTop { extra.formUnion(["Next", "Assign"]) }
        let combined = ["And", "Or", "Not"].filter { fields[$0] != nil }
        let operators = fields.members.keys.filter { ChoiceOperator.all[$0] != nil }
        checkNames(
            of: fields,
            among: extra.union(["And", "Or", "Not", "Variable"]).union(ChoiceOperator.all.keys)
        )
        guard combined.count + operators.count == 1 else {
            let found = (combined + operators).joined(separator: ", ")
            return refuse(
                combined.count + operators.count == 0
                    ? "A rule needs a comparison"
                    : "There should only be one of the following fields: [\(found)]",
                at: fields.location
            )
        }
        if let name = operators.first {
            checkRequired(["Variable"], of: fields)
            checkPath("Variable", of: fields)
            checkOperand(name, of: fields)
        } else if fields["Variable"] != nil {
            refuse("Field 'Variable' is not supported", at: fields.location)
        }
        if let name = combined.first { checkInner(name, of: fields, depth: depth) }
    }

    private mutating func checkInner(_ name: String, of fields: FieldSet, depth: Int) {
        if name == "Not" {
            guard let inner = fields.inner(name) else {
                return refuse("Value is not an object", at: fields.place(name))
            }
            return checkTest(inner, isTop: false, depth: depth + 1)
        }
        guard let rules = fields[name]?.elements, !rules.isEmpty else {
            return refuse("Value is not an array of rules", at: fields.place(name))
        }
        for (index, rule) in rules.enumerated() {
            let place = fields.place("\(name)[\(index)]")
            guard case .object(let members) = rule else {
                refuse("Value is not an object", at: place)
                continue
            }
            checkTest(FieldSet(members, at: place), isTop: false, depth: depth + 1)
        }
    }

    private mutating func checkOperand(_ name: String, of fields: FieldSet) {
        guard let value = fields[name], let comparison = ChoiceOperator.all[name] else { return }
        guard !comparison.takesPath else { return checkPath(name, of: fields) }
        let expected: String
        switch (comparison.test, value) {
        case (.compare(.string, _), .string), (.matches, .string): return
        case (.compare(.numeric, _), .integer), (.compare(.numeric, _), .double): return
        case (.compare(.boolean, _), .bool): return
        case (.compare(.timestamp, _), .string(let text)):
            if Timestamp.milliseconds(of: text) != nil { return }
            expected = "a valid timestamp"
        case (.isNull, .bool), (.isPresent, .bool), (.isNumeric, .bool), (.isString, .bool),
            (.isBoolean, .bool), (.isTimestamp, .bool):
            return
        case (.compare(.string, _), _), (.matches, _): expected = "a string"
        case (.compare(.numeric, _), _): expected = "a number"
        case (.compare(.timestamp, _), _): expected = "a valid timestamp"
        default: expected = "a boolean"
        }
        refuse("Value is not \(expected)", at: fields.place(name))
    }
}
