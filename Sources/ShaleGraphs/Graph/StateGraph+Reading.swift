internal import OrderedCollections
internal import ShaleJSON

extension StateGraph {
    /// Reads a definition in the Amazon States Language.
    ///
    /// Takes what it understands: a transition to a state that is not there is left out.
    ///
    /// - Parameters:
    ///   - text: The definition.
    ///   - first: For an execution of one item of a distributed Map: the state that it began with. The graph is then that
    ///     of the Map's processor.
    /// - Throws: where the text is no JSON, or has no states.
    package init(
        definition text: String,
        ofProcessorWith first: String? = nil
    ) throws(GraphError) {
        var definition: JSONValue
        do throws(JSONError) {
            definition = try JSONParser.value(of: text)
        } catch {
            throw GraphError(reason: "the definition is no JSON, at byte \(error.offset)")
        }
        if let first { definition = definition.processor(with: first) ?? definition }
        guard let members = definition["States"]?.members, !members.isEmpty else {
            throw GraphError(reason: "the definition has no States")
        }
        read(definition, owner: nil)
        connect(definition)
    }

    /// Adds the states of a scope, and of the scopes in it; answers its number.
    @discardableResult
    private mutating func read(_ scope: JSONValue, owner: Int?) -> Int {
        let number = scopes.count
        scopes.append(Scope(owner: owner))
        for (name, fields) in scope["States"]?.members ?? [:] {
            var state = State(name: name, kind: fields["Type"]?.text ?? "", scope: number)
            state.isLast =
                fields["End"] == .bool(true) || ["Succeed", "Fail"].contains(state.kind)
            if state.kind == "Task" {
                let resource = fields["Resource"]?.text ?? ""
                state.resource = ResourceWords.words(resource, fields)
                state.awaitsToken = resource.hasSuffix(".waitForTaskToken")
            }
            let index = add(state)
            for inner in fields.innerScopes {
                let innerNumber = read(inner, owner: index)
                states[index].scopes.append(innerNumber)
                let mode = inner["ProcessorConfig"]?["Mode"]?.text
                if mode == "DISTRIBUTED" { states[index].isDistributed = true }
            }
        }
        scopes[number].start = scope["StartAt"]?.text.flatMap { self.state($0) }
        return number
    }

    /// Adds the transitions of a scope, and of the scopes in it.
    private mutating func connect(_ scope: JSONValue) {
        for (name, fields) in scope["States"]?.members ?? [:] {
            guard let from = state(name) else { continue }
            for rule in fields["Choices"]?.elements ?? [] {
                lead(from, rule["Next"], .rule, ConditionWords.words(rule))
            }
            lead(from, fields["Default"], .otherwise, nil)
            lead(from, fields["Next"], .next, nil)
            for catcher in fields["Catch"]?.elements ?? [] {
                let errors = catcher["ErrorEquals"]?.elements?.compactMap(\.text) ?? []
                let isAll = errors == ["States.ALL"]
                let words = isAll ? "any error" : errors.joined(separator: ", ")
                lead(from, catcher["Next"], .caught, words)
            }
            for inner in fields.innerScopes { connect(inner) }
        }
    }

    private mutating func lead(
        _ from: Int,
        _ target: JSONValue?,
        _ kind: Transition.Kind,
        _ label: String?
    ) {
        guard let to = target?.text.flatMap({ state($0) }), states[to].scope == states[from].scope
        else { return }
        add(Transition(from: from, to: to, kind: kind, label: label))
    }
}

extension JSONValue {
    /// The nearest scope inside of this one that has a state of this name.
    fileprivate func processor(with state: String) -> JSONValue? {
        for fields in (self["States"]?.members ?? [:]).values {
            for scope in fields.innerScopes {
                if scope["States"]?[state] != nil { return scope }
                if let found = scope.processor(with: state) { return found }
            }
        }
        return nil
    }

    /// The branches of a Parallel, or the processor of a Map in its new or old name.
    fileprivate var innerScopes: [JSONValue] {
        (self["Branches"]?.elements ?? [])
            + [self["ItemProcessor"] ?? self["Iterator"]].compactMap { $0 }
    }
}
