internal import ShaleExpressions
internal import ShaleItems

/// Statements of PartiQL: the first byte says how many parameters there are.
enum StatementTarget {
    private static let item: Item = [
        "a": .number(1), "b": .string("text"), "c": .list([.null, .bool(true)]),
        "d": .map(["e": .numberSet([1, 2])]), "key": .binary([1, 2]),
    ]
    private static let schema = KeySchema(
        partition: .init("a", .number),
        sort: .init("b", .string)
    )
    private static let parameters: [AttributeValue] = [
        .number(1), .string("te"), .list([.number(1), .null]), .map(["a": .number(1)]),
    ]

    static func run(_ bytes: [UInt8]) {
        guard let count = bytes.first else { return }
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        let given = Array(parameters.prefix(Int(count) % (parameters.count + 1)))
        do throws(ExpressionError) {
            let statement = try Statement.parse(text, parameters: given)
            switch statement {
            case .select(let select), .exists(let select):
                _ = select.answer(from: item)
                _ = select.projection?.apply(to: item)
                check(select.condition)
            case .insert: break
            case .update(let update):
                check(update.condition)
                _ = try update.update.apply(to: item)
                _ = try update.update.apply(to: Item())
            case .delete(let delete): check(delete.condition)
            }
        } catch {
            precondition(!error.message.isEmpty, "a refusal says why")
        }
    }

    /// What is taken from a condition and what is left say together what it said.
    private static func check(_ condition: Condition?) {
        let keyed = KeyedCondition(condition, schema)
        _ = keyed.exactKey(schema)
        guard let partition = item["a"], let sort = item["b"] else { return }
        let isInRange =
            keyed.partitions?.contains(partition) ?? true
            && keyed.sorts.allSatisfy { $0.contains(sort) }
            && keyed.sortChoices?.contains(sort) ?? true
        let holds = isInRange && keyed.rest?.isSatisfied(by: item) ?? true
        precondition(holds == condition?.isSatisfied(by: item) ?? true, "a split changes nothing")
    }
}
