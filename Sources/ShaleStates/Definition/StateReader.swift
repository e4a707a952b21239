internal import OrderedCollections
internal import ShaleJSON

/// Reads the fields of one state, but for the scopes in it.
struct StateReader {
    let fields: Fields
    /// The states of the scope by name: what the state may go to.
    let names: [String: Int]
    let language: QueryLanguage

    /// Reads what states of several kinds have.
    func readCommon(_ state: inout StateFields) throws(DefinitionError) {
        switch state.kind {
        case .choice, .succeed, .fail: break
        default: state.next = try readNext()
        }
        switch language {
        case .jsonPath: try readPaths(&state)
        case .jsonata:
            state.arguments = try template("Arguments")
            state.output = try template("Output")
        }
        state.assign = try readAssign(fields, prefix: "")
        state.retriers = try readRetriers()
        state.catchers = try readCatchers()
    }

    private func readNext() throws(DefinitionError) -> StateDefinition.Next {
        if fields["End"] == .bool(true) { return .end }
        guard fields["Next"] != nil else { throw fields.error("Next", "Next or End is missing") }
        return .state(try target("Next", of: fields))
    }

    func target(_ field: String, of fields: Fields) throws(DefinitionError) -> Int {
        guard let name = try fields.text(field) else { throw fields.error(field, "is missing") }
        guard let state = names[name] else { throw fields.error(field, "no such state: \(name)") }
        return state
    }

    private func readPaths(_ state: inout StateFields) throws(DefinitionError) {
        state.inputPath = try selection("InputPath")
        state.outputPath = try selection("OutputPath")
        let isMap = if case .map = state.kind { true } else { false }
        if let value = fields["Parameters"], !isMap {
            state.parameters = try Template.paths(value, at: fields.place("Parameters"))
        }
        if let value = fields["ResultSelector"] {
            state.resultSelector = try Template.paths(value, at: fields.place("ResultSelector"))
        }
        state.resultPath = try resultPath(of: fields)
    }

    private func selection(_ name: String) throws(DefinitionError) -> StateDefinition.Selection {
        guard let value = fields[name] else { return .path(.whole) }
        guard value != .null else { return .nothing }
        guard let text = value.text else { throw fields.error(name, "a text is expected") }
        switch try Template.source(text, field: name, at: fields.place(name)) {
        case .path(let path, _): return .path(path)
        case let template: return .call(template)
        }
    }

    func resultPath(of fields: Fields) throws(DefinitionError) -> JSONPath? {
        guard fields["ResultPath"] != .null else { return nil }
        let path = try fields.path("ResultPath") ?? .whole
        guard path.isReference else { throw fields.error("ResultPath", "no reference path") }
        return path
    }

    /// A template of JSONata.
    func template(_ name: String) throws(DefinitionError) -> Template? {
        guard let value = fields[name] else { return nil }
        return try Template.expressions(value, field: name, at: fields.place(name))
    }

    func readAssign(
        _ fields: Fields,
        prefix: String
    ) throws(DefinitionError) -> [(name: String, value: Template)] {
        guard let members = try fields.object("Assign") else { return [] }
        let place = fields.place("Assign")
        let template =
            switch language {
            case .jsonPath: try Template.paths(.object(members), at: place)
            case .jsonata:
                try Template.expressions(.object(members), field: prefix + "Assign", at: place)
            }
        switch template {
        case .object(let templates): return templates
        case .constant(.object(let constants)):
            return constants.map { (name: $0.key, value: .constant($0.value)) }
        default: return []
        }
    }

    // MARK: Failures

    private func readRetriers() throws(DefinitionError) -> [Retrier] {
        var retriers: [Retrier] = []
        for (index, value) in (try fields.array("Retry") ?? []).enumerated() {
            let retrier = try Fields(value, at: fields.place("Retry/\(index)"))
            retriers.append(
                Retrier(
                    errors: try readErrors(retrier),
                    intervalSeconds: try retrier.number("IntervalSeconds") ?? 1,
                    backoffRate: try retrier.number("BackoffRate") ?? 2,
                    maxAttempts: try retrier.integer("MaxAttempts", in: 0...99_999_999) ?? 3,
                    maxDelaySeconds: try retrier.number("MaxDelaySeconds"),
                    hasFullJitter: try retrier.text("JitterStrategy") == "FULL"
                )
            )
        }
        return retriers
    }

    private func readCatchers() throws(DefinitionError) -> [Catcher] {
        var catchers: [Catcher] = []
        for (index, value) in (try fields.array("Catch") ?? []).enumerated() {
            let catcher = try Fields(value, at: fields.place("Catch/\(index)"))
            let prefix = "Catch[\(index)]/"
            var output: Template?
            if language == .jsonata, let value = catcher["Output"] {
                output = try Template.expressions(
                    value,
                    field: prefix + "Output",
                    at: catcher.place("Output")
                )
            }
            catchers.append(
                Catcher(
                    errors: try readErrors(catcher),
                    next: try target("Next", of: catcher),
                    resultPath: try resultPath(of: catcher),
                    output: output,
                    assign: try readAssign(catcher, prefix: prefix)
                )
            )
        }
        return catchers
    }

    private func readErrors(_ fields: Fields) throws(DefinitionError) -> [String] {
        guard let names = try fields.array("ErrorEquals"), !names.isEmpty else {
            throw fields.error("ErrorEquals", "is missing")
        }
        let errors = names.compactMap(\.text)
        guard errors.count == names.count else {
            throw fields.error("ErrorEquals", "texts are expected")
        }
        return errors
    }

    // MARK: Numbers

    /// A number that may be found by a path beside it, or computed.
    func numberSource(
        _ name: String,
        of fields: Fields? = nil,
        prefix: String = ""
    ) throws(DefinitionError) -> NumberSource? {
        let fields = fields ?? self.fields
        if let path = try fields.path(name + "Path") {
            return .path(path, field: name + "Path")
        }
        if language == .jsonata, let text = fields[name]?.text {
            guard let source = Expression.source(in: text) else {
                throw fields.error(name, "a number is expected")
            }
            return .expression(
                try Expression(source, field: prefix + name, at: fields.place(name))
            )
        }
        return try fields.number(name).map(NumberSource.constant)
    }
}

// MARK: Kinds

extension StateReader {
    func readFail() throws(DefinitionError) -> StateDefinition.Kind {
        .fail(error: try readFailText("Error"), cause: try readFailText("Cause"))
    }

    private func readFailText(_ name: String) throws(DefinitionError) -> Template? {
        if language == .jsonata { return try template(name) }
        if let text = try fields.text(name + "Path") {
            return try Template.source(text, field: name + "Path", at: fields.place(name + "Path"))
        }
        return try fields.text(name).map { .constant(.string($0)) }
    }

    func readTask() throws(DefinitionError) -> TaskDefinition {
        guard let arn = try fields.text("Resource") else {
            throw fields.error("Resource", "is missing")
        }
        guard let resource = TaskResource(arn: arn) else {
            throw fields.error("Resource", "no resource that a task can call: \(arn)")
        }
        var credentials: Template?
        if let value = fields["Credentials"] {
            let place = fields.place("Credentials")
            credentials =
                switch language {
                case .jsonPath: try Template.paths(value, at: place)
                case .jsonata: try Template.expressions(value, field: "Credentials", at: place)
                }
        }
        return TaskDefinition(
            resource: resource,
            timeout: try numberSource("TimeoutSeconds"),
            heartbeat: try numberSource("HeartbeatSeconds"),
            credentials: credentials
        )
    }

    func readWait() throws(DefinitionError) -> WaitDefinition {
        if let seconds = try numberSource("Seconds") {
            return WaitDefinition(until: .seconds(seconds))
        }
        if let path = try fields.path("TimestampPath") {
            return WaitDefinition(until: .timestampPath(path))
        }
        guard let text = try fields.text("Timestamp") else {
            throw fields.error("Seconds", "Seconds or Timestamp is missing")
        }
        if language == .jsonata, let source = Expression.source(in: text) {
            let place = fields.place("Timestamp")
            return WaitDefinition(
                until: .timestampExpression(try Expression(source, field: "Timestamp", at: place))
            )
        }
        guard let time = Timestamp.milliseconds(of: text) else {
            throw fields.error("Timestamp", "no timestamp of RFC 3339: \(text)")
        }
        return WaitDefinition(until: .time(time))
    }

    func readChoice() throws(DefinitionError) -> ChoiceDefinition {
        guard let choices = try fields.array("Choices"), !choices.isEmpty else {
            throw fields.error("Choices", "rules are missing")
        }
        var rules: [ChoiceDefinition.Rule] = []
        for (index, value) in choices.enumerated() {
            let rule = try Fields(value, at: fields.place("Choices/\(index)"))
            let prefix = "Choices[\(index)]/"
            var output: Template?
            if language == .jsonata, let value = rule["Output"] {
                output = try Template.expressions(
                    value,
                    field: prefix + "Output",
                    at: rule.place("Output")
                )
            }
            rules.append(
                ChoiceDefinition.Rule(
                    condition: try ConditionReader(language: language, prefix: prefix).read(rule),
                    next: try target("Next", of: rule),
                    output: output,
                    assign: try readAssign(rule, prefix: prefix)
                )
            )
        }
        let fallback = fields["Default"] == nil ? nil : try target("Default", of: fields)
        return ChoiceDefinition(rules: rules, fallback: fallback)
    }
}
