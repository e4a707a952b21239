internal import OrderedCollections
package import ShaleJSON

/// Builds a history: events in their order, each behind one that it follows.
struct History {
    private(set) var events: [JSONValue] = []

    /// Adds an event and answers its number.
    ///
    /// By default it follows the last one. Each comes 10 ms after the one before.
    @discardableResult
    mutating func add(
        _ type: String,
        after previous: Int? = nil,
        _ details: JSONObject = [:]
    ) -> Int {
        let id = events.count + 1
        events.append([
            "id": .integer(Int64(id)), "previousEventId": .integer(Int64(previous ?? id - 1)),
            "type": .string(type), "timestamp": .double(Double(id) / 100),
            "someEventDetails": .object(details),
        ])
        return id
    }

    @discardableResult
    mutating func enter(_ kind: String, _ name: String, after previous: Int? = nil) -> Int {
        add("\(kind)StateEntered", after: previous, ["name": .string(name), "input": "1"])
    }

    @discardableResult
    mutating func exit(_ kind: String, _ name: String, after previous: Int? = nil) -> Int {
        add("\(kind)StateExited", after: previous, ["name": .string(name), "output": "2"])
    }

    @discardableResult
    mutating func iteration(_ what: String, _ name: String, _ index: Int, after: Int? = nil) -> Int
    {
        add(
            "MapIteration\(what)",
            after: after,
            ["name": .string(name), "index": .integer(Int64(index))]
        )
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self = .string(text) }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(JSONObject(uniqueKeysWithValues: members))
    }
}
