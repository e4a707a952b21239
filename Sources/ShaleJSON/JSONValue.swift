package import OrderedCollections

/// One JSON value: what state machines and their expressions work on.
///
/// Members keep the order in which they came, as the service's do. A number that is whole and fits is an
/// `integer`, every other a `double`; `1` and `1.0` are equal, but are written as they were read.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of an object in their order; lookup by name takes constant time.
package typealias JSONObject = OrderedDictionary<String, JSONValue>

extension JSONValue: Equatable {
    /// Numbers are equal by value, objects without regard to the order of their members.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.double(let a), .double(let b)): a == b
        case (.integer(let a), .double(let b)), (.double(let b), .integer(let a)): Double(a) == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)):
            a.count == b.count && a.allSatisfy { name, value in b[name] == value }
        default: false
        }
    }
}

extension JSONValue {
    /// The value of a member; nil where this is no object or has no such member.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var members: JSONObject? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// A number as the nearest double; nil where this is no number.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
