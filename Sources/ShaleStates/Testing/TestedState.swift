internal import OrderedCollections
package import ShaleJSON

/// A state that is tested alone: a program of it, and of ends where it would go on.
package struct TestedState: Sendable {
    /// What the state is called in a test, whatever it is called in a machine: as the service does.
    package static let name = "StateName"

    package let program: StateMachineProgram
    /// The field `Type`.
    package let type: String
    /// Whether it stands in the processor of a Map.
    package let isInMap: Bool
    /// The fields of the definition.
    package let fields: JSONObject
    /// A machine of the state alone, for whoever judges it.
    package let machine: JSONValue

    /// What it calls, where it is a Task.
    package var resource: TaskResource? {
        if case .task(let task) = program.states[program.scopes[0].start].kind {
            task.resource
        } else {
            nil
        }
    }

    /// Prepares a state.
    ///
    /// - Parameters:
    ///   - place: The state, and what stands around it.
    ///   - dropsReader: Whether the reader of a distributed Map is left out, since the input is what it would find.
    /// - Throws: where the state cannot be read.
    package init(_ place: Place, dropsReader: Bool) throws(DefinitionError) {
        var fields = place.fields
        if dropsReader { fields["ItemReader"] = nil }
        if fields["QueryLanguage"] == nil, let language = place.language {
            fields["QueryLanguage"] = .string(language)
        }
        var states: JSONObject = [Self.name: .object(fields)]
        for target in Self.targets(of: fields) where states[target] == nil {
            states[target] = .object(["Type": .string("Succeed")])
        }
        var members: JSONObject = ["StartAt": .string(Self.name), "States": .object(states)]
        // States inside of the state speak the machine's language.
        if let language = place.language { members["QueryLanguage"] = .string(language) }
        machine = .object(members)
        program = try StateMachineProgram.parse(machine)
        type = fields["Type"]?.text ?? ""
        isInMap = place.isInMap
        self.fields = fields
    }

    /// The names of states that a state leads to.
    private static func targets(of fields: JSONObject) -> [String] {
        let rules = ["Choices", "Catch"].flatMap { fields[$0]?.elements ?? [] }
        let names = [fields["Next"], fields["Default"]] + rules.map { $0["Next"] }
        return names.compactMap { $0?.text }
    }
}

extension TestedState {
    /// Where a state stands in a definition.
    package struct Place: Sendable {
        package var fields: JSONObject
        /// The query language of the machine, where it says.
        package var language: String?
        package var isInMap = false

        /// A state alone.
        package init(_ fields: JSONObject) { self.fields = fields }
    }

    /// Finds a state by its name in a machine, also in branches and processors; nil where there is none.
    package static func find(_ name: String, in machine: JSONObject) -> Place? {
        guard var place = find(name, scope: machine, isInMap: false, depth: 0) else { return nil }
        place.language = machine["QueryLanguage"]?.text
        return place
    }

    private static func find(
        _ name: String,
        scope: JSONObject,
        isInMap: Bool,
        depth: Int
    ) -> Place? {
        guard depth <= DefinitionReader.depthLimit, let states = scope["States"]?.members else {
            return nil
        }
        if let fields = states[name]?.members {
            var place = Place(fields)
            place.isInMap = isInMap
            return place
        }
        for state in states.values {
            for (inner, isMap) in scopes(in: state) {
                let found = find(name, scope: inner, isInMap: isInMap || isMap, depth: depth + 1)
                if let found { return found }
            }
        }
        return nil
    }

    private static func scopes(in state: JSONValue) -> [(JSONObject, isMap: Bool)] {
        let branches = (state["Branches"]?.elements ?? []).compactMap(\.members)
        let processors = ["ItemProcessor", "Iterator"].compactMap { state[$0]?.members }
        return branches.map { ($0, false) } + processors.map { ($0, true) }
    }

    /// Whether a Map or a Parallel has a state of a name inside.
    package func holds(_ name: String) -> Bool {
        Self.scopes(in: .object(fields)).contains { scope, _ in
            Self.find(name, scope: scope, isInMap: false, depth: 0) != nil
        }
    }
}
