internal import OrderedCollections
internal import ShaleJSON

/// The states of one scope: the machine, a branch, or what runs for the items of a Map.
extension Validator {
    mutating func checkScope(_ fields: FieldSet) {
        guard depth < DefinitionReader.depthLimit else {
            return report("TOO_DEEPLY_NESTED", "States are too deeply nested", at: fields.location)
        }
        depth += 1
        defer { depth -= 1 }
        checkRequired(["StartAt", "States"], of: fields)
        checkText("StartAt", of: fields)
        guard let value = fields["States"] else { return }
        guard case .object(let states) = value, !states.isEmpty else {
            return refuse("Value is not an object of states", at: fields.place("States"))
        }
        var graph = StateGraph(states: states, location: fields.place("States"))
        for (name, state) in states {
            checkName(name, at: graph.place(name))
            guard case .object(let members) = state else {
                refuse("Value is not an object", at: graph.place(name))
                continue
            }
            checkState(FieldSet(members, at: graph.place(name)))
        }
        if let start = fields["StartAt"]?.text {
            graph.start = start
            if states[start] == nil { reportMissing(start, at: fields.place("StartAt")) }
        }
        checkCourse(graph)
    }

    private mutating func checkName(_ name: String, at place: String) {
        if !stateNames.insert(name).inserted {
            report("DUPLICATE_STATE_NAME", "Duplicate State name: \(name)", at: place)
        }
        if name.unicodeScalars.count > 80 || name.isEmpty {
            report("INVALID_STATE_NAME", "State name must have from 1 to 80 characters", at: place)
        }
    }

    private mutating func reportMissing(_ name: String, at place: String) {
        report("MISSING_TRANSITION_TARGET", "Missing 'Next' target: \(name)", at: place)
    }

    /// Where the states go: every target is there, one of them is an end, and all are reached.
    private mutating func checkCourse(_ graph: StateGraph) {
        for name in graph.states.keys {
            for target in graph.targets(of: name) where graph.states[target.name] == nil {
                reportMissing(target.name, at: target.place)
            }
        }
        guard graph.hasEnd else {
            return report("MISSING_END_STATE", "Workflow has no terminal state", at: nil)
        }
        let reached = graph.reached
        for name in graph.states.keys where !reached.contains(name) {
            report(
                "MISSING_TRANSITION_TARGET",
                "State \"\(name)\" is not reachable.",
                at: graph.place(name)
            )
        }
    }
}

/// Which states of a scope lead to which.
struct StateGraph {
    let states: JSONObject
    let location: String
    var start: String?

    init(states: JSONObject, location: String) {
        self.states = states
        self.location = location
    }

    func place(_ name: String) -> String { location + "/" + name }

    struct Target {
        let name: String
        let place: String
    }

    /// The states that a state names, with the places where it does.
    func targets(of name: String) -> [Target] {
        guard let state = states[name] else { return [] }
        var targets: [Target] = []
        func add(_ value: JSONValue?, _ field: String) {
            guard let target = value?.text else { return }
            targets.append(Target(name: target, place: place(name) + "/" + field))
        }
        add(state["Next"], "Next")
        for field in ["Choices", "Catch"] {
            for (index, rule) in (state[field]?.elements ?? []).enumerated() {
                add(rule["Next"], "\(field)[\(index)]/Next")
            }
        }
        add(state["Default"], "Default")
        return targets
    }

    /// Whether one of the states is an end, reached or not.
    var hasEnd: Bool {
        states.values.contains { state in
            state["End"] == .bool(true) || ["Succeed", "Fail"].contains(state["Type"]?.text)
        }
    }

    /// The states that the first one leads to, itself included; all where there is no first one.
    var reached: Set<String> {
        guard let start, states[start] != nil else { return Set(states.keys) }
        var reached: Set<String> = [start]
        var open = [start]
        while let name = open.popLast() {
            for target in targets(of: name) where reached.insert(target.name).inserted {
                open.append(target.name)
            }
        }
        return reached
    }
}
