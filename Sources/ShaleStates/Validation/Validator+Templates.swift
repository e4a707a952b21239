internal import OrderedCollections
internal import ShaleJSON
internal import ShaleJSONata

/// Paths, payload templates and expressions.
extension Validator {
    /// The fields of a state that are paths.
    mutating func checkPaths(_ judge: StateJudge) {
        let fields = judge.fields
        guard judge.language == .jsonPath else { return }
        for name in ["InputPath", "OutputPath"] where fields[name] != .null {
            checkSource(name, of: fields)
        }
        checkReference("ResultPath", of: fields, mayBeNull: true)
        checkSource("ItemsPath", of: fields)
        for name in ["ErrorPath", "CausePath"] { checkSource(name, of: fields) }
        for name in [
            "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath",
            "MaxConcurrencyPath", "ToleratedFailureCountPath", "ToleratedFailurePercentagePath",
        ] {
            checkReference(name, of: fields, mayBeVariable: true)
        }
    }

    /// A path that finds values.
    mutating func checkPath(_ name: String, of fields: FieldSet) {
        guard let value = fields[name] else { return }
        requirePath(value.text ?? "", at: fields.place(name))
    }

    private mutating func requirePath(_ text: String, at place: String) {
        do throws(PathError) {
            _ = try JSONPathParser.path(of: text)
        } catch {
            // The service says that it is none, and not why.
            refuse("Value is not a valid JSONPath", at: place)
        }
    }

    /// A path that names one place, in the data or where a variable holds data.
    mutating func checkReference(
        _ name: String,
        of fields: FieldSet,
        mayBeNull: Bool = false,
        mayBeVariable: Bool = false
    ) {
        guard let value = fields[name], !(mayBeNull && value == .null) else { return }
        do throws(PathError) {
            let path = try JSONPathParser.path(of: value.text ?? "")
            var isReference = path.isReference
            if mayBeVariable, case .variable = path.root {
                isReference = path.isDefinite && path.function == nil
            }
            if isReference { return }
        } catch {
            // What is no path is no reference path; the service has one text for both.
        }
        refuse("Value is not a Reference Path", at: fields.place(name))
    }

    /// A path, or a call of an intrinsic function.
    private mutating func checkSource(_ name: String, of fields: FieldSet) {
        guard let value = fields[name] else { return }
        checkSource(value, at: fields.place(name))
    }

    private mutating func checkSource(_ value: JSONValue, at place: String) {
        guard let text = value.text else { return refuse("Value is not a string", at: place) }
        guard !text.hasPrefix("$") else { return requirePath(text, at: place) }
        do throws(PathError) {
            let call = try IntrinsicParser.call(of: text)
            if let name = call.misfit {
                refuse("Invalid arguments in \(name)", at: place)
            }
        } catch {
            refuse("Value is not a valid JSONPath or intrinsic function", at: place)
        }
    }

    // MARK: Templates

    /// The fields of a state in which values are computed.
    mutating func checkTemplates(_ judge: StateJudge) {
        let names: [String]
        switch judge.language {
        case .jsonPath:
            names = ["Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials"]
        case .jsonata:
            names = [
                "Arguments", "Output", "Assign", "Items", "ItemSelector", "Credentials",
                "Seconds", "Timestamp", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency",
                "ToleratedFailureCount", "ToleratedFailurePercentage", "Error", "Cause",
            ]
        }
        for name in names { checkTemplate(name, judge) }
    }

    mutating func checkTemplate(
        _ name: String,
        _ judge: StateJudge,
        allowsErrorOutput: Bool = false
    ) {
        guard let value = judge.fields[name] else { return }
        let place = judge.fields.place(name)
        if name == "Assign" {
            guard case .object(let members) = value else {
                return refuse("Value is not an object", at: place)
            }
            if members["states"] != nil {
                refuse("The variable name 'states' is reserved", at: place)
            }
        }
        switch judge.language {
        case .jsonPath: checkPayload(value, at: place, depth: 0)
        case .jsonata:
            checkExpressions(value, at: place, depth: 0, allowsErrorOutput: allowsErrorOutput)
        }
    }

    private mutating func checkPayload(_ value: JSONValue, at place: String, depth: Int) {
        guard depth < Template.depthLimit else {
            return report("TOO_DEEPLY_NESTED", "Values are too deeply nested", at: place)
        }
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                checkPayload(element, at: "\(place)[\(index)]", depth: depth + 1)
            }
        case .object(let members):
            for (name, member) in members {
                let inner = place + "/" + name
                guard name.hasSuffix(".$") else {
                    checkPlain(member, at: inner, depth: depth)
                    continue
                }
                if members[String(name.dropLast(2))] != nil {
                    refuse("Duplicate field: \(name.dropLast(2))", at: place)
                }
                checkSource(member, at: inner)
            }
        default: break
        }
    }

    /// A member whose name does not say that it is computed.
    private mutating func checkPlain(_ value: JSONValue, at place: String, depth: Int) {
        if let text = value.text, text.hasPrefix("$.") || text.hasPrefix("States.") {
            warn(
                "NO_DOLLAR",
                "The value looks like a path or an intrinsic function, but the name of the field"
                    + " does not end with .$",
                at: place
            )
        }
        checkPayload(value, at: place, depth: depth + 1)
    }

    // MARK: Expressions

    private mutating func checkExpressions(
        _ value: JSONValue,
        at place: String,
        depth: Int,
        allowsErrorOutput: Bool
    ) {
        guard depth < Template.depthLimit else {
            return report("TOO_DEEPLY_NESTED", "Values are too deeply nested", at: place)
        }
        switch value {
        case .string(let text):
            checkExpression(text, at: place, allowsErrorOutput: allowsErrorOutput)
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                checkExpressions(
                    element,
                    at: "\(place)[\(index)]",
                    depth: depth + 1,
                    allowsErrorOutput: allowsErrorOutput
                )
            }
        case .object(let members):
            for (name, member) in members {
                checkExpressions(
                    member,
                    at: place + "/" + name,
                    depth: depth + 1,
                    allowsErrorOutput: allowsErrorOutput
                )
            }
        default: break
        }
    }

    private mutating func checkExpression(
        _ text: String,
        at place: String,
        allowsErrorOutput: Bool
    ) {
        guard let source = Expression.source(in: text) else {
            if text.hasPrefix("{%") || text.hasSuffix("%}") {
                let message = "A JSONata expression must begin with {% and end with %}"
                report("INVALID_JSONATA_EXPRESSION", message, at: place)
            }
            return
        }
        do throws(JSONataError) {
            let expression = try JSONataExpression.parse(source)
            for name in expression.topLevelReferences {
                report(
                    "UNSUPPORTED_JSONATA_EXPRESSION",
                    "Reference to '\(name)' at the top level is not supported.",
                    at: place
                )
            }
            if !allowsErrorOutput, expression.fields(of: "states").contains("errorOutput") {
                report(
                    "UNSUPPORTED_JSONATA_EXPRESSION",
                    "Reference to '$states.errorOutput' is only supported in a Catch.",
                    at: place
                )
            }
        } catch {
            report("INVALID_JSONATA_EXPRESSION", error.message, at: place)
        }
    }
}

extension IntrinsicCall {
    /// The name of a call in here whose literal arguments are of a type that it never takes; nil where all may fit.
    fileprivate var misfit: String? {
        for case .call(let inner) in arguments {
            if let name = inner.misfit { return name }
        }
        let numbers: Set<Int>
        switch function {
        case .mathAdd: numbers = [0, 1]
        case .mathRandom, .arrayRange: numbers = [0, 1, 2]
        case .arrayPartition, .arrayGetItem: numbers = [1]
        default: numbers = []
        }
        for (index, argument) in arguments.enumerated() where numbers.contains(index) {
            switch argument {
            case .text: return function.rawValue
            case .value(let value) where value.number == nil: return function.rawValue
            default: break
            }
        }
        return nil
    }
}
