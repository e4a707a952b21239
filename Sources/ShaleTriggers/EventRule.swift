internal import ShaleItems

extension EventPattern {
    /// One value or rule of a list in a pattern.
    ///
    /// Numbers of tables are texts in events (`{"N": "7"}`): rules about numbers hold for such texts, too.
    indirect enum Rule: Sendable {
        case equal(AttributeValue)
        case exists(Bool)
        case text(TextRule)
        case numbers([(comparison: Comparison, bound: Number)])
        case address(AddressRange)
        case anythingBut([Rule])

        enum Comparison: String {
            case less = "<"
            case atMost = "<="
            case equal = "="
            case atLeast = ">="
            case greater = ">"
        }

        init(_ value: AttributeValue, at path: String) throws(PatternError) {
            switch value {
            case .string, .number, .bool, .null: self = .equal(value)
            case .map(let map):
                guard map.count == 1, let (name, argument) = map.first else {
                    throw PatternError("a rule at '\(path)' is an object of one member")
                }
                self = try Self.rule(name, argument, at: "\(path).\(name)")
            default: throw PatternError("'\(path)' holds a list in a list")
            }
        }

        private static func rule(
            _ name: String,
            _ argument: AttributeValue,
            at path: String
        ) throws(PatternError) -> Rule {
            switch (name, argument) {
            case ("exists", .bool(let wanted)): return .exists(wanted)
            case ("numeric", .list(let list)): return .numbers(try bounds(list, at: path))
            case ("cidr", .string(let text)):
                guard let range = AddressRange(text) else {
                    throw PatternError("'\(path)' is no range of addresses as 10.0.0.0/24")
                }
                return .address(range)
            case ("anything-but", .list(let values)):
                guard !values.isEmpty else { throw PatternError("the list at '\(path)' is empty") }
                var rules: [Rule] = []
                for value in values {
                    guard [.string, .number].contains(value.type) else {
                        throw PatternError("'\(path)' excludes texts and numbers only")
                    }
                    rules.append(.equal(value))
                }
                return .anythingBut(rules)
            case ("anything-but", .string), ("anything-but", .number):
                return .anythingBut([.equal(argument)])
            case ("anything-but", .map(let map)):
                guard map.count == 1, let (name, inner) = map.first else {
                    throw PatternError("'\(path)' is an object of one rule")
                }
                var rules: [Rule] = []
                for value in inner.listValue ?? [inner] {
                    rules.append(.text(try TextRule(name, value, at: "\(path).\(name)")))
                }
                return .anythingBut(rules)
            default: return .text(try TextRule(name, argument, at: path))
            }
        }

        private static func bounds(
            _ list: [AttributeValue],
            at path: String
        ) throws(PatternError) -> [(comparison: Comparison, bound: Number)] {
            guard [2, 4].contains(list.count) else {
                throw PatternError("'\(path)' has one or two comparisons, each with a number")
            }
            var bounds: [(comparison: Comparison, bound: Number)] = []
            for index in stride(from: 0, to: list.count, by: 2) {
                guard let comparison = list[index].stringValue.flatMap(Comparison.init),
                    let bound = list[index + 1].numberValue
                else {
                    throw PatternError("'\(path)' compares by < <= = >= > with a number")
                }
                bounds.append((comparison, bound))
            }
            return bounds
        }

        /// Whether a value is meant; nil is one that is not there.
        func matches(_ value: AttributeValue?) -> Bool {
            if case .exists(let wanted) = self {
                // Only what holds no members is a value.
                return wanted == (value.map { $0.type != .map } ?? false)
            }
            if case .list(let elements)? = value { return elements.contains(where: matches) }
            guard let value else { return false }
            switch self {
            case .equal(let wanted): return value == wanted
            case .exists: return false
            case .text(let rule): return value.stringValue.map(rule.matches) ?? false
            case .numbers(let bounds):
                guard let number = Self.number(value) else { return false }
                return bounds.allSatisfy { Self.holds(number, $0.comparison, $0.bound) }
            case .address(let range): return value.stringValue.map(range.contains) ?? false
            case .anythingBut(let rules):
                return value.type != .map && !rules.contains { $0.matches(value) }
            }
        }

        private static func number(_ value: AttributeValue) -> Number? {
            value.numberValue ?? value.stringValue.flatMap { try? Number($0) }
        }

        private static func holds(
            _ number: Number,
            _ comparison: Comparison,
            _ bound: Number
        ) -> Bool {
            switch comparison {
            case .less: number < bound
            case .atMost: number <= bound
            case .equal: number == bound
            case .atLeast: number >= bound
            case .greater: number > bound
            }
        }
    }
}
