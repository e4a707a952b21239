internal import OrderedCollections
internal import ShaleJSON

/// Reads a definition: first the names of a scope, then its states, then the scopes in them.
struct DefinitionReader {
    /// How deep scopes may stand in scopes.
    static let depthLimit = 50

    var scopes: [StateMachineProgram.Scope] = []
    var states: [StateDefinition?] = []
    private var depth = 0

    mutating func readMachine(_ value: JSONValue) throws(DefinitionError) -> StateMachineProgram {
        let fields = try Fields(value, at: "")
        let language = try readLanguage(fields, inherited: .jsonPath)
        _ = try readScope(fields, language: language)
        let timeout = try fields.integer("TimeoutSeconds", in: 1...Int(Int32.max))
        return StateMachineProgram(
            scopes: scopes,
            states: states.compactMap { $0 },
            timeoutSeconds: timeout,
            comment: try fields.text("Comment")
        )
    }

    private func readLanguage(
        _ fields: Fields,
        inherited: QueryLanguage
    ) throws(DefinitionError) -> QueryLanguage {
        guard let text = try fields.text("QueryLanguage") else { return inherited }
        guard let language = QueryLanguage(rawValue: text) else {
            throw fields.error("QueryLanguage", "JSONPath or JSONata")
        }
        return language
    }

    /// Reads the states of a scope.
    mutating func readScope(
        _ fields: Fields,
        language: QueryLanguage
    ) throws(DefinitionError) -> Int {
        guard depth < Self.depthLimit else { throw fields.error("States", "nested too deep") }
        depth += 1
        defer { depth -= 1 }
        guard let members = try fields.object("States"), !members.isEmpty else {
            throw fields.error("States", "states are missing")
        }
        var names: [String: Int] = [:]
        for name in members.keys {
            names[name] = states.count
            states.append(nil)
        }
        guard let startName = try fields.text("StartAt") else {
            throw fields.error("StartAt", "is missing")
        }
        guard let start = names[startName] else { throw fields.error("StartAt", "no such state") }
        let scope = scopes.count
        scopes.append(StateMachineProgram.Scope(start: start, names: names))
        for (name, value) in members {
            let place = fields.location + "/States/" + name
            guard let index = names[name] else { continue }
            states[index] = try readState(
                try Fields(value, at: place),
                name: name,
                names: names,
                language: language
            )
        }
        return scope
    }

    private mutating func readState(
        _ fields: Fields,
        name: String,
        names: [String: Int],
        language inherited: QueryLanguage
    ) throws(DefinitionError) -> StateDefinition {
        guard let type = try fields.text("Type") else { throw fields.error("Type", "is missing") }
        let language = try readLanguage(fields, inherited: inherited)
        let reader = StateReader(fields: fields, names: names, language: language)
        let kind: StateDefinition.Kind
        switch type {
        case "Pass": kind = .pass(result: language == .jsonPath ? fields["Result"] : nil)
        case "Succeed": kind = .succeed
        case "Fail": kind = try reader.readFail()
        case "Wait": kind = .wait(try reader.readWait())
        case "Choice": kind = .choice(try reader.readChoice())
        case "Task": kind = .task(try reader.readTask())
        // States inside of one take the machine's language, and not that of the state around them.
        case "Parallel": kind = .parallel(try readBranches(fields, language: inherited))
        case "Map": kind = .map(try readMap(reader, language: inherited))
        default: throw fields.error("Type", "no such type: \(type)")
        }
        var state = StateFields(name: name, language: language, kind: kind)
        try reader.readCommon(&state)
        return StateDefinition(state)
    }

    private mutating func readBranches(
        _ fields: Fields,
        language: QueryLanguage
    ) throws(DefinitionError) -> [Int] {
        guard let branches = try fields.array("Branches"), !branches.isEmpty else {
            throw fields.error("Branches", "branches are missing")
        }
        var scopes: [Int] = []
        for (index, branch) in branches.enumerated() {
            let place = fields.location + "/Branches/\(index)"
            scopes.append(try readScope(try Fields(branch, at: place), language: language))
        }
        return scopes
    }

    private mutating func readMap(
        _ reader: StateReader,
        language: QueryLanguage
    ) throws(DefinitionError) -> MapDefinition {
        let fields = reader.fields
        let name = fields["ItemProcessor"] != nil ? "ItemProcessor" : "Iterator"
        guard let value = fields[name] else { throw fields.error("ItemProcessor", "is missing") }
        let processor = try Fields(value, at: fields.location + "/" + name)
        let scope = try readScope(processor, language: language)
        let configuration = try Fields(
            processor["ProcessorConfig"] ?? .object([:]),
            at: processor.location + "/ProcessorConfig"
        )
        return try reader.readMap(
            scope: scope,
            isDistributed: try configuration.text("Mode") == "DISTRIBUTED",
            executionType: try configuration.text("ExecutionType") ?? "STANDARD"
        )
    }
}

/// The fields of one object of a definition, with its place.
struct Fields {
    let members: JSONObject
    let location: String

    init(_ value: JSONValue, at location: String) throws(DefinitionError) {
        guard case .object(let members) = value else {
            throw DefinitionError(location, "an object is expected")
        }
        self.members = members
        self.location = location
    }

    subscript(name: String) -> JSONValue? { members[name] }

    func place(_ name: String) -> String { location + "/" + name }

    func error(_ name: String, _ reason: String) -> DefinitionError {
        DefinitionError(place(name), reason)
    }

    func text(_ name: String) throws(DefinitionError) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.text else { throw error(name, "a text is expected") }
        return text
    }

    func object(_ name: String) throws(DefinitionError) -> JSONObject? {
        guard let value = members[name] else { return nil }
        guard let object = value.members else { throw error(name, "an object is expected") }
        return object
    }

    func array(_ name: String) throws(DefinitionError) -> [JSONValue]? {
        guard let value = members[name] else { return nil }
        guard let elements = value.elements else { throw error(name, "an array is expected") }
        return elements
    }

    func number(_ name: String) throws(DefinitionError) -> Double? {
        guard let value = members[name] else { return nil }
        guard let number = value.number else { throw error(name, "a number is expected") }
        return number
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(DefinitionError) -> Int? {
        guard let number = try number(name) else { return nil }
        guard let value = Int(exactly: number), range.contains(value) else {
            throw error(name, "an integer from \(range.lowerBound) is expected")
        }
        return value
    }

    func path(_ name: String) throws(DefinitionError) -> JSONPath? {
        guard let text = try text(name) else { return nil }
        do {
            return try JSONPathParser.path(of: text)
        } catch {
            throw self.error(name, "no path: \(error.reason)")
        }
    }
}
