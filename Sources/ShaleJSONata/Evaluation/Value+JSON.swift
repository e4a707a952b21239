internal import OrderedCollections
internal import ShaleJSON

/// From a value to the JSON that the caller gets.
extension Value {
    /// How deep a result may be, as JSON's parser has it.
    private static let depthLimit = JSONParser.depthLimit

    /// How deep a value may be that an error shows.
    private static let shownDepth = 100

    /// This value as JSON; nil where it is undefined, and functions are the empty string.
    func json() throws(JSONataError) -> JSONValue? {
        try json(depth: 0)
    }

    /// This value as an error shows it: nil where it is large or no JSON.
    var errorValue: JSONValue? {
        if case .array = self, depth >= Self.shownDepth { return nil }
        if case .object = self, depth >= Self.shownDepth { return nil }
        do throws(JSONataError) {
            return try json()
        } catch {
            // A number that is none, say: the error that is being made tells what is wrong.
            return nil
        }
    }

    private func json(depth: Int) throws(JSONataError) -> JSONValue? {
        guard depth < Self.depthLimit else { throw JSONataError("U1002") }
        switch self {
        case .undefined: return nil
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let value):
            guard value.isFinite else { throw JSONataError("D1001") }
            return Self.json(of: value)
        case .string(let text): return .string(text)
        case .array(let array): return try Self.json(array, depth: depth)
        case .object(let object): return try Self.json(object, depth: depth)
        case .function: return .string("")
        case .tuple(let tuple): return try tuple.value.json(depth: depth)
        }
    }

    /// A whole number that a double holds exactly is an integer.
    static func json(of value: Double) -> JSONValue {
        value.magnitude <= 9_007_199_254_740_992 && value == value.rounded(.towardZero)
            ? .integer(Int64(value)) : .double(value)
    }

    private static func json(_ array: ArrayValue, depth: Int) throws(JSONataError) -> JSONValue {
        switch array.storage {
        case .json(let elements):
            guard let plain = try plain(.array(elements), depth: depth) else {
                return .array(elements)
            }
            return plain
        case .range(let range): return .array(range.map { .integer(Int64($0)) })
        case .values(let values):
            var elements: [JSONValue] = []
            elements.reserveCapacity(values.count)
            for value in values {
                elements.append(try value.json(depth: depth + 1) ?? .null)
            }
            return .array(elements)
        }
    }

    private static func json(_ object: ObjectValue, depth: Int) throws(JSONataError) -> JSONValue {
        switch object.storage {
        case .json(let members):
            guard let plain = try plain(.object(members), depth: depth) else {
                return .object(members)
            }
            return plain
        case .values(let values):
            var members = JSONObject(minimumCapacity: values.count)
            for (name, value) in values {
                members[name] = try value.json(depth: depth + 1)
            }
            return .object(members)
        }
    }

    /// JSON that nobody touched, with whole doubles as integers; nil where it is so already.
    private static func plain(_ json: JSONValue, depth: Int) throws(JSONataError) -> JSONValue? {
        guard depth < depthLimit else { throw JSONataError("U1002") }
        switch json {
        case .double(let value):
            let plain = Self.json(of: value)
            if case .integer = plain { return plain }
            return nil
        case .array(let elements):
            var changed: [JSONValue]?
            for (index, element) in elements.enumerated() {
                guard let plain = try plain(element, depth: depth + 1) else { continue }
                if changed == nil { changed = elements }
                changed?[index] = plain
            }
            return changed.map(JSONValue.array)
        case .object(let members):
            var changed: JSONObject?
            for (name, value) in members {
                guard let plain = try plain(value, depth: depth + 1) else { continue }
                if changed == nil { changed = members }
                changed?[name] = plain
            }
            return changed.map(JSONValue.object)
        default: return nil
        }
    }
}
