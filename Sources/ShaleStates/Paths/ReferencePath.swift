internal import OrderedCollections
internal import ShaleJSON

extension JSONPath {
    /// Data with a value put at the place that a reference path names.
    ///
    /// Objects that are missing on the way are made; nil where the path goes through what is neither an object
    /// nor an array that is long enough.
    func writing(_ value: JSONValue, into data: JSONValue) -> JSONValue? {
        Self.write(value, at: steps[...], into: data)
    }

    private static func write(
        _ value: JSONValue,
        at steps: ArraySlice<Step>,
        into data: JSONValue?
    ) -> JSONValue? {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        switch (step, data ?? .object([:])) {
        case (.names(let names), .object(var members)):
            guard let written = write(value, at: rest, into: members[names[0]]) else { return nil }
            members[names[0]] = written
            return .object(members)
        case (.indexes(let indexes), .array(var elements)):
            guard elements.indices.contains(indexes[0]),
                let written = write(value, at: rest, into: elements[indexes[0]])
            else { return nil }
            elements[indexes[0]] = written
            return .array(elements)
        default: return nil
        }
    }
}
