internal import OrderedCollections
internal import ShaleJSON

/// Which variables the states of a machine refer to.
package enum VariableReferences {
    /// By states, those in branches and processors too, the variables that each refers to, in the order of its text.
    ///
    /// A name counts where some state of the machine assigns it: so functions and what expressions bind themselves do not.
    package static func all(of definition: String) -> [(state: String, variables: [String])] {
        let machine: JSONValue
        do throws(JSONError) { machine = try JSONParser.value(of: definition) } catch { return [] }
        var states: [(String, JSONObject)] = []
        collect(machine, &states)
        var assigned: Set<String> = []
        for (_, fields) in states { noteAssigned(.object(fields), &assigned) }
        return states.compactMap { name, fields in
            var found: [String] = []
            for (field, value) in fields { references(in: value, field: field, &found) }
            let variables = found.filter(assigned.contains)
            return variables.isEmpty ? nil : (name, variables)
        }
    }

    /// The states of a scope and those within them, each without what stands in it.
    private static func collect(_ scope: JSONValue, _ states: inout [(String, JSONObject)]) {
        for (name, state) in scope["States"]?.members ?? [:] {
            guard var fields = state.members else { continue }
            let branches = fields["Branches"]?.elements ?? []
            let processors = ["ItemProcessor", "Iterator"].compactMap { fields[$0] }
            for inner in ["Branches", "ItemProcessor", "Iterator", "Comment"] {
                fields[inner] = nil
            }
            states.append((name, fields))
            for inner in branches + processors { collect(inner, &states) }
        }
    }

    private static func noteAssigned(_ value: JSONValue, _ names: inout Set<String>) {
        for name in (value["Assign"]?.members ?? [:]).keys {
            names.insert(name.hasSuffix(".$") ? String(name.dropLast(2)) : name)
        }
        for rule in ["Choices", "Catch"].flatMap({ value[$0]?.elements ?? [] }) {
            noteAssigned(rule, &names)
        }
    }

    private static func references(
        in value: JSONValue,
        field: String,
        _ found: inout [String]
    ) {
        switch value {
        case .object(let members):
            for (name, member) in members { references(in: member, field: name, &found) }
        case .array(let elements):
            for element in elements { references(in: element, field: field, &found) }
        case .string(let text):
            let isPath =
                field.hasSuffix(".$") || field.hasSuffix("Path") || field == "Variable"
            guard let source = Expression.source(in: text) ?? (isPath ? text : nil) else { return }
            for name in names(in: source) where !found.contains(name) { found.append(name) }
        default: break
        }
    }

    /// What stands behind a `$` that begins a name, outside of quotation marks.
    private static func names(in source: String) -> [String] {
        var names: [String] = []
        var quote: Character?
        var rest = Substring(source)
        while let letter = rest.popFirst() {
            if let open = quote {
                if letter == "\\" { _ = rest.popFirst() }
                if letter == open { quote = nil }
            } else if letter == "'" || letter == "\"" {
                quote = letter
            } else if letter == "$" {
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                rest = rest.dropFirst(name.count)
                if !name.isEmpty { names.append(String(name)) }
            }
        }
        return names
    }
}
