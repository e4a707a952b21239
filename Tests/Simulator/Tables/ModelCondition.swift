internal import ShaleItems

/// A condition of the model: evaluated by the rules of DynamoDB's documentation, and written as text for the
/// database.
indirect enum ModelCondition: Sendable {
    case exists(String)
    case missing(String)
    case equals(String, AttributeValue)
    case less(String, AttributeValue)
    case atLeast(String, AttributeValue)
    case between(String, AttributeValue, AttributeValue)
    case isOneOf(String, [AttributeValue])
    case begins(String, String)
    case contains(String, String)
    case hasType(String, AttributeType)
    case not(ModelCondition)
    case both(ModelCondition, ModelCondition)
    case either(ModelCondition, ModelCondition)

    /// Whether it holds for an item; nil is no item.
    func holds(_ item: Item?) -> Bool {
        switch self {
        case .exists(let name): return item?[name] != nil
        case .missing(let name): return item?[name] == nil
        case .equals(let name, let value): return item?[name] == value
        case .less(let name, let value):
            return Self.comparable(item?[name], value) { KeyValues.precedes($0, value) }
        case .atLeast(let name, let value):
            return Self.comparable(item?[name], value) { !KeyValues.precedes($0, value) }
        case .between(let name, let low, let high):
            return Self.comparable(item?[name], low) {
                !KeyValues.precedes($0, low) && !KeyValues.precedes(high, $0)
            }
        case .isOneOf(let name, let values):
            guard let value = item?[name] else { return false }
            return values.contains(value)
        case .begins(let name, let prefix):
            guard let text = item?[name]?.stringValue else { return false }
            return Array(text.utf8).starts(with: prefix.utf8)
        case .contains(let name, let part): return Self.contains(item?[name], part)
        case .hasType(let name, let type): return item?[name]?.type == type
        case .not(let inner): return !inner.holds(item)
        case .both(let left, let right): return left.holds(item) && right.holds(item)
        case .either(let left, let right): return left.holds(item) || right.holds(item)
        }
    }

    /// A comparison with what is not there, or of another type, does not hold.
    private static func comparable(
        _ value: AttributeValue?,
        _ other: AttributeValue,
        _ compare: (AttributeValue) -> Bool
    ) -> Bool {
        guard let value, value.type == other.type else { return false }
        return compare(value)
    }

    /// Texts contain texts, sets of texts and lists contain elements.
    private static func contains(_ value: AttributeValue?, _ part: String) -> Bool {
        switch value {
        case .stringSet(let set)?: return set.contains(part)
        case .list(let list)?: return list.contains(.string(part))
        case .string(let text)?:
            let (text, part) = (Array(text.utf8), Array(part.utf8))
            guard part.count <= text.count else { return false }
            return (0...(text.count - part.count)).contains {
                text[$0..<($0 + part.count)].elementsEqual(part)
            }
        default: return false
        }
    }

    /// The text, with placeholders for all names and values.
    func text(_ words: inout ExpressionWords) -> String {
        switch self {
        case .exists(let name): return "attribute_exists(\(words.name(name)))"
        case .missing(let name): return "attribute_not_exists(\(words.name(name)))"
        case .equals(let name, let value): return "\(words.name(name)) = \(words.value(value))"
        case .less(let name, let value): return "\(words.name(name)) < \(words.value(value))"
        case .atLeast(let name, let value): return "\(words.name(name)) >= \(words.value(value))"
        case .between(let name, let low, let high):
            return "\(words.name(name)) BETWEEN \(words.value(low)) AND \(words.value(high))"
        case .isOneOf(let name, let values):
            let list = values.map { words.value($0) }.joined(separator: ", ")
            return "\(words.name(name)) IN (\(list))"
        case .begins(let name, let prefix):
            return "begins_with(\(words.name(name)), \(words.value(.string(prefix))))"
        case .contains(let name, let part):
            return "contains(\(words.name(name)), \(words.value(.string(part))))"
        case .hasType(let name, let type):
            return "attribute_type(\(words.name(name)), \(words.value(.string(type.rawValue))))"
        case .not(let inner): return "NOT (\(inner.text(&words)))"
        case .both(let left, let right):
            return "(\(left.text(&words))) AND (\(right.text(&words)))"
        case .either(let left, let right):
            return "(\(left.text(&words))) OR (\(right.text(&words)))"
        }
    }

    /// Attributes that it names.
    var names: [String] {
        switch self {
        case .exists(let name), .missing(let name), .equals(let name, _), .less(let name, _),
            .atLeast(let name, _), .between(let name, _, _), .isOneOf(let name, _),
            .begins(let name, _), .contains(let name, _), .hasType(let name, _):
            [name]
        case .not(let inner): inner.names
        case .both(let left, let right), .either(let left, let right): left.names + right.names
        }
    }
}

/// Placeholders of one request.
struct ExpressionWords: Sendable {
    private(set) var names: [String: String] = [:]
    private(set) var values: [String: AttributeValue] = [:]

    /// The placeholder of a name, the same each time.
    mutating func name(_ name: String) -> String {
        names["#" + name] = name
        return "#" + name
    }

    /// A text with the values in place of their placeholders, to be read by people.
    func filled(_ text: String) -> String {
        // The longest first: `:v1` is the beginning of `:v10`.
        values.keys.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.reduce(text) {
            text,
            word in
            text.split(separator: word, omittingEmptySubsequences: false)
                .joined(separator: values[word]?.words ?? word)
        }
    }

    mutating func value(_ value: AttributeValue) -> String {
        let word = ":v\(values.count)"
        values[word] = value
        return word
    }
}
