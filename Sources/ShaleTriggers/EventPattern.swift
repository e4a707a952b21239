package import ShaleItems
internal import ShaleWire

/// Which events are meant: a pattern as EventBridge and filters of event sources write it.
///
///     {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": [{"prefix": "order"}]}}}}
///
/// An object means that all of its members hold; a list that one of its values or rules does; `$or` that one of several
/// objects does. What the event has beside it does not count.
package struct EventPattern: Sendable {
    private let root: Node

    private indirect enum Node: Sendable {
        case all([(name: String, node: Node)], any: [[Node]])
        case rules([Rule])
    }

    /// Reads a pattern.
    ///
    /// - Throws: what is wrong with it, and where.
    package init(_ text: [UInt8]) throws(PatternError) {
        let document: AttributeValue
        do throws(WireError) {
            document = try JSONReader.document(text)
        } catch {
            throw PatternError("it is no JSON: \(error.message)")
        }
        guard case .map(let map) = document else { throw PatternError("it is no object") }
        root = try Self.node(map, at: "")
    }

    private static func node(_ map: Item, at path: String) throws(PatternError) -> Node {
        guard !map.isEmpty else { throw PatternError("the object at '\(path)' is empty") }
        var all: [(name: String, node: Node)] = []
        var any: [[Node]] = []
        for (name, value) in map {
            let place = path.isEmpty ? name : "\(path).\(name)"
            switch value {
            case .list(let choices) where name == "$or":
                guard choices.count >= 2 else {
                    throw PatternError("\(place) needs at least two objects")
                }
                var nodes: [Node] = []
                for choice in choices {
                    guard case .map(let map) = choice else {
                        throw PatternError("\(place) holds something that is no object")
                    }
                    nodes.append(try node(map, at: place))
                }
                any.append(nodes)
            case .map(let map): all.append((name, try node(map, at: place)))
            case .list(let values):
                guard !values.isEmpty else { throw PatternError("the list at '\(place)' is empty") }
                var rules: [Rule] = []
                for value in values { rules.append(try Rule(value, at: place)) }
                all.append((name, .rules(rules)))
            default:
                throw PatternError("'\(place)' must be an object or a list of values and rules")
            }
        }
        return .all(all, any: any)
    }

    /// Whether an event is meant.
    package func matches(_ event: AttributeValue) -> Bool { Self.matches(root, event) }

    private static func matches(_ node: Node, _ value: AttributeValue?) -> Bool {
        switch node {
        case .rules(let rules): return rules.contains { $0.matches(value) }
        case .all(let all, let any):
            if case .list(let elements)? = value {
                return elements.contains { matches(node, $0) }
            }
            let map = value?.mapValue
            return all.allSatisfy { matches($0.node, map?[$0.name]) }
                && any.allSatisfy { nodes in nodes.contains { matches($0, value) } }
        }
    }
}

/// Why a text is no pattern of events.
package struct PatternError: Error, Sendable, Equatable {
    /// What is wrong, and where.
    package let message: String

    init(_ message: String) { self.message = message }
}
