internal import OrderedCollections
internal import ShaleJSON

/// A value while an expression is evaluated: those of JSON, none at all, functions, and the tuples of paths.
///
/// Values live in one evaluation and on one thread.
enum Value {
    case undefined
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array(ArrayValue)
    case object(ObjectValue)
    case function(Function)
    /// One item of a path that binds variables.
    case tuple(Tuple)

    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .number(Double(value))
        case .double(let value): self = .number(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(ArrayValue(json: elements))
        case .object(let members): self = .object(ObjectValue(json: members))
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// The letter that stands for the type in a signature.
    var typeLetter: Unicode.Scalar {
        switch self {
        case .undefined: "m"
        case .null: "l"
        case .bool: "b"
        case .number: "n"
        case .string: "s"
        case .array: "a"
        case .object, .tuple: "o"
        case .function: "f"
        }
    }

    /// The same letter as a bit of a set of types.
    var typeBit: UInt16 { Signature.bit(typeLetter) }

    /// How deep values stand in this one that this evaluation has made.
    var depth: Int {
        switch self {
        case .array(let array): array.depth
        case .object(let object): object.depth
        case .function(let function): function.depth
        case .tuple(let tuple): tuple.depth
        default: 0
        }
    }

    /// A list of the items in this value: an array's, or itself.
    var items: ArrayValue {
        if case .array(let array) = self { array } else { ArrayValue([self], .sequence) }
    }
}

/// An array, with what a path wants to know of it.
///
/// The elements are values, or still as JSON has them, or a range of numbers that nobody has listed.
final class ArrayValue {
    struct Flags: OptionSet {
        let rawValue: UInt8
        /// Made by a path: one value alone is that value.
        static let sequence = Flags(rawValue: 1)
        /// A sequence whose one value stays in its array.
        static let keepsSingleton = Flags(rawValue: 2)
        /// Written as an array in the expression: a path does not take it apart.
        static let constructor = Flags(rawValue: 4)
        /// The array around an input that is an array.
        static let outerWrapper = Flags(rawValue: 8)
        /// The items are tuples.
        static let tuples = Flags(rawValue: 16)
    }

    enum Storage {
        case values([Value])
        case json([JSONValue])
        case range(ClosedRange<Int>)
    }

    private(set) var storage: Storage
    var flags: Flags
    let depth: Int

    init(_ elements: [Value], _ flags: Flags = []) {
        storage = .values(elements)
        self.flags = flags
        var deepest = 0
        for element in elements { deepest = max(deepest, element.depth) }
        depth = deepest + 1
    }

    init(json elements: [JSONValue]) {
        storage = .json(elements)
        flags = []
        depth = 1
    }

    init(range: ClosedRange<Int>) {
        storage = .range(range)
        flags = .sequence
        depth = 1
    }

    /// The same elements with other flags.
    init(_ other: ArrayValue, _ flags: Flags) {
        storage = other.storage
        self.flags = flags
        depth = other.depth
    }

    var count: Int {
        switch storage {
        case .values(let elements): elements.count
        case .json(let elements): elements.count
        case .range(let range): range.count
        }
    }

    subscript(index: Int) -> Value {
        switch storage {
        case .values(let elements): elements[index]
        case .json(let elements): Value(elements[index])
        case .range(let range): .number(Double(range.lowerBound + index))
        }
    }

    /// All elements as values.
    var elements: [Value] {
        switch storage {
        case .values(let elements): elements
        case .json(let elements): elements.map(Value.init)
        case .range(let range): range.map { .number(Double($0)) }
        }
    }

    var isSequence: Bool { flags.contains(.sequence) }
    var holdsTuples: Bool { flags.contains(.tuples) }
}

/// An object, whose members are values or still as JSON has them.
final class ObjectValue {
    enum Storage {
        case values(OrderedDictionary<String, Value>)
        case json(JSONObject)
    }

    /// Written only by a transform, to the copy it has made.
    var storage: Storage
    let depth: Int

    init(_ members: OrderedDictionary<String, Value>) {
        storage = .values(members)
        var deepest = 0
        for value in members.values { deepest = max(deepest, value.depth) }
        depth = deepest + 1
    }

    init(json members: JSONObject) {
        storage = .json(members)
        depth = 1
    }

    var count: Int {
        switch storage {
        case .values(let members): members.count
        case .json(let members): members.count
        }
    }

    var keys: [String] {
        switch storage {
        case .values(let members): Array(members.keys)
        case .json(let members): Array(members.keys)
        }
    }

    subscript(name: String) -> Value {
        switch storage {
        case .values(let members): members[name] ?? .undefined
        case .json(let members): members[name].map(Value.init) ?? .undefined
        }
    }

    /// The member at a place in the order of members.
    func member(at index: Int) -> (name: String, value: Value) {
        switch storage {
        case .values(let members):
            let member = members.elements[index]
            return (member.key, member.value)
        case .json(let members):
            let member = members.elements[index]
            return (member.key, Value(member.value))
        }
    }
}

/// One item on its way through a path that binds variables: its value and theirs.
final class Tuple {
    var value: Value
    private(set) var variables: [(name: String, value: Value)]

    init(_ value: Value, _ variables: [(name: String, value: Value)] = []) {
        self.value = value
        self.variables = variables
    }

    var depth: Int {
        variables.reduce(value.depth) { max($0, $1.value.depth) } + 1
    }

    func bind(_ name: String, _ value: Value) {
        if let index = variables.firstIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }
}
