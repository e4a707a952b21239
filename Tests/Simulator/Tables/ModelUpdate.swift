internal import ShaleItems

/// One step of an update of the model; no two of one call are of one attribute.
enum UpdateStep: Sendable {
    case set(String, AttributeValue)
    /// `SET a = if_not_exists(a, :v)`
    case setIfMissing(String, AttributeValue)
    /// `SET a = a + :v`, which needs a number to be there.
    case increase(String, Int)
    /// `ADD a :v`, which begins at zero.
    case add(String, Int)
    case remove(String)
    /// `ADD a :v` to a set of texts.
    case insert(String, [String])
    /// `DELETE a :v` from a set of texts.
    case subtract(String, [String])
    /// `SET a = list_append(a, :v)`, which needs a list to be there.
    case append(String, [AttributeValue])
    /// `SET a.b = :v`, which needs a map to be there.
    case setInMap(String, String, AttributeValue)
    case removeInMap(String, String)

    /// Changes the item, reading `old`; false where the update is refused.
    func apply(to item: inout Item, _ old: Item) -> Bool {
        switch self {
        case .set(let name, let value): item[name] = value
        case .setIfMissing(let name, let value): item[name] = old[name] ?? value
        case .increase(let name, let step):
            guard let number = old[name]?.numberValue?.intValue else { return false }
            item[name] = .number(Number(number + step))
        case .add(let name, let step):
            guard old[name] == nil || old[name]?.type == .number else { return false }
            item[name] = .number(Number((old[name]?.numberValue?.intValue ?? 0) + step))
        case .remove(let name): item[name] = nil
        case .insert(let name, let texts):
            var set: Set<String> = []
            if let value = old[name] {
                guard case .stringSet(let there) = value else { return false }
                set = Set(there)
            }
            item[name] = .stringSet(set.union(texts).sorted())
        case .subtract(let name, let texts):
            guard let value = old[name] else { return true }
            guard case .stringSet(let there) = value else { return false }
            let set = Set(there).subtracting(texts)
            item[name] = set.isEmpty ? nil : .stringSet(set.sorted())
        case .append(let name, let more):
            guard case .list(let list)? = old[name] else { return false }
            item[name] = .list(list + more)
        case .setInMap(let name, let inner, let value):
            guard case .map(var map)? = old[name] else { return false }
            map[inner] = value
            item[name] = .map(map)
        case .removeInMap(let name, let inner):
            guard case .map(var map)? = old[name] else { return false }
            map[inner] = nil
            item[name] = .map(map)
        }
        return true
    }

    /// Whether it makes no item where there is none.
    var onlyRemoves: Bool {
        switch self {
        case .remove, .removeInMap, .subtract: true
        default: false
        }
    }

    /// What it changes, as far as an item has it.
    func part(of item: Item) -> (String, AttributeValue)? {
        switch self {
        case .setInMap(let name, let inner, _), .removeInMap(let name, let inner):
            guard case .map(let map)? = item[name], let value = map[inner] else { return nil }
            return (name, .map([inner: value]))
        default: return item[name].map { (self.name, $0) }
        }
    }

    var name: String {
        switch self {
        case .set(let name, _), .setIfMissing(let name, _), .increase(let name, _),
            .add(let name, _), .remove(let name), .insert(let name, _), .subtract(let name, _),
            .append(let name, _), .setInMap(let name, _, _), .removeInMap(let name, _):
            name
        }
    }

    private enum Clause: String, CaseIterable {
        case set = "SET", remove = "REMOVE", add = "ADD", delete = "DELETE"
    }

    private func text(_ words: inout ExpressionWords) -> (Clause, String) {
        let name = words.name(name)
        switch self {
        case .set(_, let value): return (.set, "\(name) = \(words.value(value))")
        case .setIfMissing(_, let value):
            return (.set, "\(name) = if_not_exists(\(name), \(words.value(value)))")
        case .increase(_, let step):
            return (.set, "\(name) = \(name) + \(words.value(.number(Number(step))))")
        case .add(_, let step): return (.add, "\(name) \(words.value(.number(Number(step))))")
        case .remove: return (.remove, name)
        case .insert(_, let texts): return (.add, "\(name) \(words.value(.stringSet(texts)))")
        case .subtract(_, let texts):
            return (.delete, "\(name) \(words.value(.stringSet(texts)))")
        case .append(_, let more):
            return (.set, "\(name) = list_append(\(name), \(words.value(.list(more))))")
        case .setInMap(_, let inner, let value):
            return (.set, "\(name).\(words.name(inner)) = \(words.value(value))")
        case .removeInMap(_, let inner): return (.remove, "\(name).\(words.name(inner))")
        }
    }

    /// The update expression of some steps; nil where there are none.
    static func text(_ steps: [UpdateStep], _ words: inout ExpressionWords) -> String? {
        guard !steps.isEmpty else { return nil }
        let parts = steps.map { $0.text(&words) }
        return Clause.allCases.compactMap { clause in
            let own = parts.filter { $0.0 == clause }.map(\.1)
            return own.isEmpty ? nil : "\(clause.rawValue) \(own.joined(separator: ", "))"
        }.joined(separator: " ")
    }
}
