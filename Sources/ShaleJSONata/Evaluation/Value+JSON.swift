internal import OrderedCollections
internal import ShaleJSON

/// From a value to the JSON that the caller gets.
extension Value {
    /// How deep a result may be, as JSON's parser has it.
    private static let depthLimit = JSONParser.depthLimit

    /// How deep a value may be that an error shows.
    private static let shownDepth = 100

    /// This value as JSON; nil where it is undefined, and functions are the empty string.
    ///
    /// What stands in several places of a value was made once and is counted here as often as it stands.
    ///
    /// - Parameter size: How many bytes of values it may take.
    /// - Returns: The JSON.
    /// - Throws: `U1002` where it is deeper than JSON may be, or takes more than that.
    func json(size: Int = EvaluationContext.Limits().size) throws(JSONataError) -> JSONValue? {
        var room = Room(bytes: size)
        return try json(depth: 0, &room)
    }

    /// What may still be made.
    private struct Room {
        var bytes: Int

        mutating func take(
            _ count: Int,
            _ size: Int = MemoryLayout<Value>.stride
        ) throws(JSONataError) {
            bytes -= count * size
            guard bytes >= 0 else { throw JSONataError("U1002") }
        }
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

    private func json(depth: Int, _ room: inout Room) throws(JSONataError) -> JSONValue? {
        guard depth < Self.depthLimit else { throw JSONataError("U1002") }
        switch self {
        case .undefined: return nil
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let value):
            guard value.isFinite else { throw JSONataError("D1001") }
            return Self.json(of: value)
        case .string(let text):
            try room.take(text.utf8.count, 1)
            return .string(text)
        case .array(let array): return try Self.json(array, depth: depth, &room)
        case .object(let object): return try Self.json(object, depth: depth, &room)
        case .function: return .string("")
        case .tuple(let tuple): return try tuple.value.json(depth: depth, &room)
        }
    }

    /// A whole number that a double holds exactly is an integer.
    static func json(of value: Double) -> JSONValue {
        value.magnitude <= 9_007_199_254_740_992 && value == value.rounded(.towardZero)
            ? .integer(Int64(value)) : .double(value)
    }

    private static func json(
        _ array: ArrayValue,
        depth: Int,
        _ room: inout Room
    ) throws(JSONataError) -> JSONValue {
        switch array.storage {
        case .json(let elements):
            guard let plain = try plain(.array(elements), depth: depth, &room) else {
                return .array(elements)
            }
            return plain
        case .range(let range):
            try room.take(range.count)
            return .array(range.map { .integer(Int64($0)) })
        case .values(let values):
            try room.take(values.count)
            var elements: [JSONValue] = []
            elements.reserveCapacity(values.count)
            for value in values {
                elements.append(try value.json(depth: depth + 1, &room) ?? .null)
            }
            return .array(elements)
        }
    }

    private static func json(
        _ object: ObjectValue,
        depth: Int,
        _ room: inout Room
    ) throws(JSONataError) -> JSONValue {
        switch object.storage {
        case .json(let members):
            guard let plain = try plain(.object(members), depth: depth, &room) else {
                return .object(members)
            }
            return plain
        case .values(let values):
            try room.take(values.count)
            var members = JSONObject(minimumCapacity: values.count)
            for (name, value) in values {
                members[name] = try value.json(depth: depth + 1, &room)
            }
            return .object(members)
        }
    }

    /// JSON that nobody touched, with whole doubles as integers; nil where it is so already.
    private static func plain(
        _ json: JSONValue,
        depth: Int,
        _ room: inout Room
    ) throws(JSONataError) -> JSONValue? {
        guard depth < depthLimit else { throw JSONataError("U1002") }
        switch json {
        case .double(let value):
            let plain = Self.json(of: value)
            if case .integer = plain { return plain }
            return nil
        case .string(let text):
            try room.take(text.utf8.count, 1)
            return nil
        case .array(let elements):
            try room.take(elements.count)
            var changed: [JSONValue]?
            for (index, element) in elements.enumerated() {
                guard let plain = try plain(element, depth: depth + 1, &room) else { continue }
                if changed == nil { changed = elements }
                changed?[index] = plain
            }
            return changed.map(JSONValue.array)
        case .object(let members):
            try room.take(members.count)
            var changed: JSONObject?
            for (name, value) in members {
                guard let plain = try plain(value, depth: depth + 1, &room) else { continue }
                if changed == nil { changed = members }
                changed?[name] = plain
            }
            return changed.map(JSONValue.object)
        default: return nil
        }
    }
}
