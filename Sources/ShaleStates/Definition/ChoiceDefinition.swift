internal import ShaleJSON

/// The rules of a Choice state, in the order in which they are tried.
struct ChoiceDefinition: Sendable {
    struct Rule: Sendable {
        let condition: Condition
        let next: Int
        let output: Template?
        let assign: [(name: String, value: Template)]
    }

    let rules: [Rule]
    let fallback: Int?
}

/// The condition of a rule of a Choice state.
indirect enum Condition: Sendable {
    enum Operand: Sendable {
        case literal(JSONValue)
        case path(JSONPath)
    }

    case all([Condition])
    case any([Condition])
    case not(Condition)
    case test(JSONPath, ChoiceOperator, Operand)
    case expression(Expression)
    /// A condition of JSONata that is no expression: always or never.
    case constant(Bool)
}

/// What a rule compares; with the `Path` forms of the comparisons these are the 39 operators.
struct ChoiceOperator: Sendable {
    enum Kind: String, Sendable {
        case string = "String"
        case numeric = "Numeric"
        case boolean = "Boolean"
        case timestamp = "Timestamp"
    }

    enum Relation: String, Sendable, CaseIterable {
        case equals = "Equals"
        case lessThan = "LessThan"
        case greaterThan = "GreaterThan"
        case lessThanEquals = "LessThanEquals"
        case greaterThanEquals = "GreaterThanEquals"
    }

    enum Test: Sendable {
        case compare(Kind, Relation)
        /// Text with `*` for any characters.
        case matches
        case isNull, isPresent, isNumeric, isString, isBoolean, isTimestamp
    }

    let test: Test
    /// Whether its operand is a path to what is compared with.
    let takesPath: Bool

    /// All operators by the names of their fields.
    static let all: [String: ChoiceOperator] = {
        var operators: [String: ChoiceOperator] = [:]
        for kind in [Kind.string, .numeric, .timestamp, .boolean] {
            for relation in Relation.allCases where kind != .boolean || relation == .equals {
                let name = kind.rawValue + relation.rawValue
                let test = Test.compare(kind, relation)
                operators[name] = ChoiceOperator(test: test, takesPath: false)
                operators[name + "Path"] = ChoiceOperator(test: test, takesPath: true)
            }
        }
        let others: [(String, Test)] = [
            ("StringMatches", .matches), ("IsNull", .isNull), ("IsPresent", .isPresent),
            ("IsNumeric", .isNumeric), ("IsString", .isString), ("IsBoolean", .isBoolean),
            ("IsTimestamp", .isTimestamp),
        ]
        for (name, test) in others {
            operators[name] = ChoiceOperator(test: test, takesPath: false)
        }
        return operators
    }()
}
