internal import OrderedCollections
internal import ShaleJSON

/// `|pattern|update,delete|`: a copy of a value with the objects of the pattern changed.
extension Evaluator {
    func transformed(
        _ source: Value,
        _ pattern: Node,
        _ update: Node,
        _ delete: Node?,
        _ position: Int,
        _ frame: Frame
    ) throws(JSONataError) -> Value {
        if source.isUndefined { return .undefined }
        switch source {
        case .array, .object: break
        default: throw JSONataError("T0410", position: position, value: source.errorValue, index: 1)
        }
        // The copy is objects of its own, which the pattern finds and the clauses change in place.
        let copy = try copied(source)
        let matches = try evaluate(pattern, copy, frame).items
        for index in 0..<matches.count {
            guard case .object(let object) = matches[index] else { continue }
            try change(object, update, delete, position, frame)
        }
        return copy
    }

    private func copied(_ value: Value) throws(JSONataError) -> Value {
        try spend()
        switch value {
        case .array(let array):
            var elements: [Value] = []
            for index in 0..<array.count {
                let element = array[index]
                elements.append(try deeper { () throws(JSONataError) in try copied(element) })
            }
            return try self.array(elements)
        case .object(let object):
            var members = OrderedDictionary<String, Value>(minimumCapacity: object.count)
            for index in 0..<object.count {
                let (name, member) = object.member(at: index)
                members[name] = try deeper { () throws(JSONataError) in try copied(member) }
            }
            try charge(members.count * 64)
            return .object(ObjectValue(members))
        default: return value
        }
    }

    private func change(
        _ object: ObjectValue,
        _ update: Node,
        _ delete: Node?,
        _ position: Int,
        _ frame: Frame
    ) throws(JSONataError) {
        guard case .values(var members) = object.storage else { return }
        switch try evaluate(update, .object(object), frame) {
        case .undefined: break
        case .object(let changes):
            for index in 0..<changes.count {
                let (name, value) = changes.member(at: index)
                // A copy: what holds itself could never be let go of.
                members[name] = try copied(value)
            }
        case let value:
            throw JSONataError("T2011", position: update.position, value: value.errorValue)
        }
        object.storage = .values(members)
        guard let delete else { return }
        let names = try evaluate(delete, .object(object), frame)
        if names.isUndefined { return }
        let list = names.items
        for index in 0..<list.count {
            guard case .string = list[index] else {
                throw JSONataError("T2012", position: delete.position, value: names.errorValue)
            }
        }
        for index in 0..<list.count {
            if case .string(let name) = list[index] { members[name] = nil }
        }
        object.storage = .values(members)
    }
}
