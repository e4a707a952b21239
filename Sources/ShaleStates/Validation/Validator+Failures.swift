internal import OrderedCollections
internal import ShaleJSON

/// Retriers and catchers.
extension Validator {
    mutating func checkRetriers(_ judge: StateJudge) {
        checkRules("Retry", of: judge) { validator, retrier in
            validator.checkNames(
                of: retrier,
                among: [
                    "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate",
                    "MaxDelaySeconds", "JitterStrategy", "Comment",
                ]
            )
            validator.checkNumber(
                "IntervalSeconds",
                of: retrier,
                least: 1,
                most: 99_999_999,
                isWhole: true
            )
            validator.checkNumber(
                "MaxAttempts",
                of: retrier,
                least: 0,
                most: 99_999_999,
                isWhole: true
            )
            validator.checkNumber("BackoffRate", of: retrier, least: 1, isWhole: false)
            validator.checkNumber(
                "MaxDelaySeconds",
                of: retrier,
                least: 1,
                most: 31_622_400,
                isWhole: true
            )
            if let jitter = retrier["JitterStrategy"],
                jitter != .string("FULL"), jitter != .string("NONE")
            {
                validator.refuse(
                    "Value is not one of [FULL, NONE]",
                    at: retrier.place("JitterStrategy")
                )
            }
        }
    }

    mutating func checkCatchers(_ judge: StateJudge) {
        checkRules("Catch", of: judge) { validator, catcher in
            let path: Set<String> = ["ResultPath"]
            let expression: Set<String> = ["Output"]
            validator.checkNames(
                of: catcher,
                among: path.union(expression).union(["ErrorEquals", "Next", "Assign", "Comment"])
            )
            let foreign = judge.language == .jsonPath ? expression : path
            for name in catcher.members.keys where foreign.contains(name) {
                validator.refuseLanguage(of: name, judge.language, at: catcher.location)
            }
            validator.checkRequired(["Next"], of: catcher)
            validator.checkText("Next", of: catcher)
            validator.checkReference("ResultPath", of: catcher, mayBeNull: true)
            let inner = StateJudge(fields: catcher, language: judge.language)
            validator.checkTemplate("Assign", inner, allowsErrorOutput: true)
            validator.checkTemplate("Output", inner, allowsErrorOutput: true)
        }
    }

    /// Judges each rule of a field, and what all rules have in common.
    private mutating func checkRules(
        _ name: String,
        of judge: StateJudge,
        _ check: (inout Validator, FieldSet) -> Void
    ) {
        guard let value = judge.fields[name] else { return }
        guard let rules = value.elements else {
            return refuse("Value is not an array", at: judge.fields.place(name))
        }
        for (index, rule) in rules.enumerated() {
            let place = judge.fields.place("\(name)[\(index)]")
            guard case .object(let members) = rule else {
                refuse("Value is not an object", at: place)
                continue
            }
            let fields = FieldSet(members, at: place)
            checkErrors(fields, isLast: index == rules.count - 1)
            check(&self, fields)
        }
    }

    private mutating func checkErrors(_ fields: FieldSet, isLast: Bool) {
        checkRequired(["ErrorEquals"], of: fields)
        guard let value = fields["ErrorEquals"] else { return }
        let place = fields.place("ErrorEquals")
        guard let elements = value.elements, !elements.isEmpty else {
            return refuse("Value is not an array of error names", at: place)
        }
        for (index, element) in elements.enumerated() where element.text == nil {
            refuse("Value is not a string", at: place + "[\(index)]")
        }
        guard elements.contains(.string("States.ALL")) else { return }
        if elements.count > 1 { refuse("States.ALL must appear alone", at: place) }
        if !isLast { refuse("States.ALL must be in the last rule", at: place) }
    }
}
