import ShaleItems

@testable import ShaleExpressions

/// What the commands of a script work on.
///
///     item                         the item of all following commands; a literal
///     values / names / schema      :v = literal / #n = name / name type
///     lex                          tokens
///     condition, filter            satisfied by the item?
///     parse                        the tree of a condition
///     update                       the item after, UPDATED_OLD, UPDATED_NEW
///     project                      the projection of the item
///     key                          the key condition under the schema
struct GoldenSession {
    private var item = Item()
    private var values: [String: AttributeValue]?
    private var names: [String: String]?
    private var schema = KeySchema(partition: .init("p", .string))

    mutating func run(_ command: String, _ input: [String]) throws -> [String] {
        switch command {
        case "item":
            guard case .map(let map) = try Literal.parse(input.joined(separator: " ")) else {
                return ["an item is a map"]
            }
            item = map
            return ["\(item.sizeBytes) bytes"]
        case "values":
            values = Dictionary(
                uniqueKeysWithValues: try input.map { line in
                    let (key, text) = Self.halves(line, "=")
                    return (key, try Literal.parse(text))
                }
            )
            return ["\(values?.count ?? 0)"]
        case "names":
            names = Dictionary(uniqueKeysWithValues: input.map { Self.halves($0, "=") })
            return ["\(names?.count ?? 0)"]
        case "schema":
            let parts = input.map { line in
                let (name, type) = Self.halves(line, " ")
                return KeySchema.Attribute(name, KeyType(rawValue: type) ?? .string)
            }
            schema = KeySchema(partition: parts[0], sort: parts.dropFirst().first)
            return ["\(parts.count)"]
        default: return input.map { evaluate(command, $0) }
        }
    }

    private func evaluate(_ command: String, _ text: String) -> String {
        do throws(ExpressionError) {
            return try answer(command, text)
        } catch {
            let place = error.offset.map { " @\($0)" } ?? ""
            return "! \(error.message)\(place)"
        }
    }

    private func answer(_ command: String, _ text: String) throws(ExpressionError) -> String {
        var placeholders = try Placeholders(names: names, values: values)
        switch command {
        case "lex":
            return Lexer.tokens(of: text).map { "\($0.kind)(\($0.text))@\($0.range.lowerBound)" }
                .joined(separator: " ")
        case "condition", "filter":
            let kind: ExpressionKind = command == "filter" ? .filter : .condition
            let condition = try Condition.parse(text, as: kind, with: &placeholders)
            return "\(condition.isSatisfied(by: item))"
        case "parse": return try Condition.parse(text, with: &placeholders).tree.printed
        case "strict": return "\(try Condition.parse(text, names: names, values: values).paths)"
        case "update":
            let result = try Update.parse(text, with: &placeholders).apply(to: item)
            let new = AttributeValue.map(result.item)
            let changed = AttributeValue.map(result.updatedNew)
            let old = AttributeValue.map(result.updatedOld)
            return "\(new.literal)  old \(old.literal)  new \(changed.literal)"
        case "project":
            let projection = try Projection.parse(text, with: &placeholders)
            return AttributeValue.map(projection.apply(to: item)).literal
        case "key":
            let key = try KeyCondition.parse(text, schema: schema, with: &placeholders)
            return key.partition.literal + (key.sort.map { " and \($0.printed)" } ?? "")
        default: return "unknown command \(command)"
        }
    }

    private static func halves(_ line: String, _ separator: Character) -> (String, String) {
        let parts = line.split(separator: separator, maxSplits: 1).map {
            $0.trimmingPrefix(while: \.isWhitespace)
        }
        let first = String(parts[0].reversed().drop(while: \.isWhitespace).reversed())
        return (first, parts.count > 1 ? String(parts[1]) : "")
    }
}

extension ConditionTree {
    /// The tree as nested lists.
    var printed: String {
        switch self {
        case .all(let parts): "(and " + parts.map(\.printed).joined(separator: " ") + ")"
        case .any(let parts): "(or " + parts.map(\.printed).joined(separator: " ") + ")"
        case .not(let inner): "(not \(inner.printed))"
        case .comparison(let left, let comparator, let right):
            "(\(comparator.rawValue) \(left.printed) \(right.printed))"
        case .between(let operand, let lower, let upper):
            "(between \(operand.printed) \(lower.printed) \(upper.printed))"
        case .isIn(let operand, let choices):
            "(in \(operand.printed) " + choices.map(\.printed).joined(separator: " ") + ")"
        case .exists(let path): "(exists \(path))"
        case .notExists(let path): "(not-exists \(path))"
        case .hasType(let path, let type): "(type \(path) \(type.rawValue))"
        case .beginsWith(let operand, let prefix):
            "(begins \(operand.printed) \(prefix.printed))"
        case .contains(let operand, let part): "(contains \(operand.printed) \(part.printed))"
        }
    }
}

extension ConditionTree.Operand {
    var printed: String {
        switch self {
        case .path(let path): path.description
        case .value(let value): value.literal
        case .size(let inner): "(size \(inner.printed))"
        }
    }
}

extension SortCondition {
    var printed: String {
        switch self {
        case .equal(let value): "= \(value.literal)"
        case .less(let value): "< \(value.literal)"
        case .lessOrEqual(let value): "<= \(value.literal)"
        case .greater(let value): "> \(value.literal)"
        case .greaterOrEqual(let value): ">= \(value.literal)"
        case .between(let lower, let upper): "between \(lower.literal) and \(upper.literal)"
        case .beginsWith(let value): "begins with \(value.literal)"
        }
    }
}
