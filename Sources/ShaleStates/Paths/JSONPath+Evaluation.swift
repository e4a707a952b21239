internal import OrderedCollections
internal import ShaleJSON

extension JSONPath {
    /// How many values one evaluation may look at, so that `$..*..*` on deep data ends.
    static let visitLimit = 1_000_000

    /// What the path finds in data that its root stands for.
    ///
    /// - Complexity: linear in the length of the path where it is definite, otherwise in the number of values
    ///   that it looks at, of which `visitLimit` are the most; behind them it finds nothing.
    func find(in data: JSONValue) -> PathResult {
        guard let function else { return findPlain(in: data) }
        let base = JSONPath(text: text, root: root, steps: steps, function: nil)
        guard let value = base.findPlain(in: data).value else { return .nothing }
        return function.result(of: value).map(PathResult.value) ?? .nothing
    }

    private func findPlain(in data: JSONValue) -> PathResult {
        if isDefinite { return findOne(in: data) }
        var walk = PathWalk(whole: data, visits: Self.visitLimit)
        walk.follow(steps[...], from: data)
        return .value(.array(walk.found))
    }

    private func findOne(in data: JSONValue) -> PathResult {
        var value = data
        for (offset, step) in steps.enumerated() {
            switch step {
            case .names(let names) where names.count > 1: return Self.project(names, of: value)
            case .names(let names):
                guard let member = value[name: names[0]] else { return .nothing }
                value = member
            case .indexes(let indexes):
                guard let elements = value.elements else { return .nothing }
                let index = indexes[0] < 0 ? elements.count + indexes[0] : indexes[0]
                guard elements.indices.contains(index) else {
                    return offset == steps.count - 1 ? .beyond : .nothing
                }
                value = elements[index]
            case .slice, .everything, .descent, .filter:
                preconditionFailure("a definite path has none of these")
            }
        }
        return .value(value)
    }

    /// Several names at the end of a path give one object with those members that are there.
    private static func project(_ names: [String], of value: JSONValue) -> PathResult {
        guard let members = value.members else { return .nothing }
        var projected: JSONObject = [:]
        for name in names { projected[name] = members[name] }
        return .value(.object(projected))
    }
}

/// One walk of an indefinite path through data.
private struct PathWalk {
    let whole: JSONValue
    var visits: Int
    var found: [JSONValue] = []

    mutating func follow(_ steps: ArraySlice<JSONPath.Step>, from value: JSONValue) {
        visits -= 1
        guard visits > 0 else { return }
        guard let step = steps.first else {
            found.append(value)
            return
        }
        let rest = steps.dropFirst()
        switch step {
        case .names(let names):
            guard let members = value.members else { return }
            for name in names {
                if let member = members[name] { follow(rest, from: member) }
            }
        case .indexes(let indexes):
            guard let elements = value.elements else { return }
            for index in indexes {
                let position = index < 0 ? elements.count + index : index
                if elements.indices.contains(position) { follow(rest, from: elements[position]) }
            }
        case .slice(let from, let to):
            guard let elements = value.elements else { return }
            for element in elements[Self.range(from, to, of: elements.count)] {
                follow(rest, from: element)
            }
        case .everything: for child in value.children { follow(rest, from: child) }
        case .descent: descend(rest, from: value)
        case .filter(let filter):
            for candidate in value.elements ?? [value] where matches(filter, candidate) {
                follow(rest, from: candidate)
            }
        }
    }

    private mutating func descend(_ rest: ArraySlice<JSONPath.Step>, from value: JSONValue) {
        guard visits > 0 else { return }
        visits -= 1
        // `$..*` finds children only, and `..` before nothing is refused by the parser.
        if !value.children.isEmpty { follow(rest, from: value) }
        for child in value.children { descend(rest, from: child) }
    }

    private static func range(_ from: Int?, _ to: Int?, of count: Int) -> Range<Int> {
        func position(_ index: Int) -> Int { max(0, min(count, index < 0 ? count + index : index)) }
        let lower = position(from ?? 0)
        return lower..<max(lower, position(to ?? count))
    }

    // MARK: Filters

    private func matches(_ filter: PathFilter, _ element: JSONValue) -> Bool {
        switch filter {
        case .all(let filters): filters.allSatisfy { matches($0, element) }
        case .any(let filters): filters.contains { matches($0, element) }
        case .not(let filter): !matches(filter, element)
        case .exists(let operand): exists(operand, element)
        case .compare(let left, let comparison, let right):
            if let left = value(of: left, element), let right = value(of: right, element) {
                comparison.holds(left, right)
            } else {
                comparison == .unequal
            }
        }
    }

    private func value(of operand: PathFilter.Operand, _ element: JSONValue) -> JSONValue? {
        switch operand {
        case .literal(let value): value
        case .element(let path): path.find(in: element).value
        case .whole(let path): path.find(in: whole).value
        }
    }

    private func exists(_ operand: PathFilter.Operand, _ element: JSONValue) -> Bool {
        switch operand {
        case .literal: true
        case .element(let path):
            switch path.find(in: element) {
            case .value(.array(let found)) where !path.isDefinite: !found.isEmpty
            case .value: true
            case .beyond, .nothing: false
            }
        case .whole(let path): path.find(in: whole) != .nothing
        }
    }
}

extension JSONValue {
    /// Elements of an array, values of the members of an object.
    var children: [JSONValue] {
        switch self {
        case .array(let elements): elements
        case .object(let members): Array(members.values)
        default: []
        }
    }

    subscript(name name: String) -> JSONValue? { self[name] }
}

extension PathFilter.Comparison {
    /// Whether the comparison holds; values of different kinds are unequal and in no order.
    func holds(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch self {
        case .equal: left == right
        case .unequal: left != right
        case .less: left.isBefore(right)
        case .greater: right.isBefore(left)
        case .lessOrEqual: left.isBefore(right) || left == right
        case .greaterOrEqual: right.isBefore(left) || left == right
        case .isIn: right.elements?.contains(left) ?? false
        case .notIn: !(right.elements?.contains(left) ?? false)
        case .subset: left.elements?.allSatisfy { right.elements?.contains($0) ?? false } ?? false
        case .anyOf: left.elements?.contains { right.elements?.contains($0) ?? false } ?? false
        case .noneOf: !(left.elements?.contains { right.elements?.contains($0) ?? false } ?? false)
        case .contains: left.includes(right)
        case .size: right.number == left.size.map(Double.init)
        case .empty: right == .bool(left.size == 0)
        }
    }
}

extension JSONValue {
    fileprivate func isBefore(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)):
            left.utf8.lexicographicallyPrecedes(right.utf8)
        default:
            if let left = number, let right = other.number { left < right } else { false }
        }
    }

    fileprivate func includes(_ other: JSONValue) -> Bool {
        switch self {
        case .array(let elements): elements.contains(other)
        case .string(let text): other.text.map { text.utf8Contains($0) } ?? false
        default: false
        }
    }

    /// The number of elements, or of bytes of a text.
    fileprivate var size: Int? {
        switch self {
        case .array(let elements): elements.count
        case .object(let members): members.count
        case .string(let text): text.utf8.count
        default: nil
        }
    }
}

extension String {
    /// Whether the bytes of another text stand somewhere in this one.
    func utf8Contains(_ other: String) -> Bool {
        let bytes = Array(utf8)
        let wanted = Array(other.utf8)
        guard wanted.count <= bytes.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { start in
            bytes[start..<(start + wanted.count)].elementsEqual(wanted)
        }
    }
}

extension JSONPath.Function {
    /// The result over what the path in front of the function found; nil where it has none.
    func result(of value: JSONValue) -> JSONValue? {
        switch self {
        case .length, .size:
            return value.size.map { .integer(Int64($0)) }
        case .keys:
            return value.members.map { .array($0.keys.map(JSONValue.string)) }
        case .first: return value.elements?.first
        case .last: return value.elements?.last
        case .concat:
            return value.elements.map { .string($0.compactMap(\.text).joined()) }
        case .min, .max, .avg, .sum, .stddev:
            guard let numbers = value.elements?.compactMap(\.number), !numbers.isEmpty else {
                return nil
            }
            return .double(aggregate(numbers))
        }
    }

    private func aggregate(_ numbers: [Double]) -> Double {
        let sum = numbers.reduce(0, +)
        let mean = sum / Double(numbers.count)
        switch self {
        case .min: return numbers.min() ?? 0
        case .max: return numbers.max() ?? 0
        case .sum: return sum
        case .avg: return mean
        default:
            let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (squares / Double(numbers.count)).squareRoot()
        }
    }
}
