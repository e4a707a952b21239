public import ShaleItems

/// A checked condition or filter: parsed once, evaluated on any number of items.
public struct Condition: Sendable, Hashable {
    let tree: ConditionTree
    /// The top-level attributes that it reads, ascending.
    private let roots: [String]

    init(tree: ConditionTree) {
        self.tree = tree
        roots = TextOrder.distinct(tree.paths.map(\.root))
    }

    /// Parses a condition against the placeholders of its request.
    /// - Parameters:
    ///   - text: The expression.
    ///   - kind: Which parameter it is: `.condition` or `.filter`; errors name it.
    ///   - placeholders: The request's placeholders; those used are marked.
    /// - Returns: The checked condition.
    /// - Throws: What is wrong with the text, with its offset.
    public static func parse(
        _ text: String,
        as kind: ExpressionKind = .condition,
        with placeholders: inout Placeholders
    ) throws(ExpressionError) -> Condition {
        Condition(tree: try ConditionParser.parse(text, as: kind, &placeholders))
    }

    /// Parses a condition that is the only expression of its request: all placeholders must be
    /// used.
    public static func parse(
        _ text: String,
        names: [String: String]? = nil,
        values: [String: AttributeValue]? = nil,
        as kind: ExpressionKind = .condition
    ) throws(ExpressionError) -> Condition {
        var placeholders = try Placeholders(names: names, values: values)
        let condition = try parse(text, as: kind, with: &placeholders)
        try placeholders.requireAllUsed()
        return condition
    }

    /// The paths that it reads, in the order of the text.
    public var paths: [DocumentPath] { tree.paths }

    /// Whether an item satisfies it; no item has no attributes.
    public func isSatisfied(by item: Item?) -> Bool { tree.isSatisfied(by: item ?? Item()) }

    /// Whether an item still in its bytes satisfies it; only the attributes it reads are decoded.
    public func isSatisfied(by item: EncodedItem) throws(ItemError) -> Bool {
        try isSatisfied(byBytes: item.bytes.span)
    }

    /// Whether an item lent as its bytes satisfies it; only the attributes it reads are decoded.
    public func isSatisfied(byBytes bytes: Span<UInt8>) throws(ItemError) -> Bool {
        tree.isSatisfied(by: try ItemDecoder.decode(bytes, names: roots))
    }
}

extension ConditionTree {
    /// Whether an item satisfies the tree.
    ///
    /// A comparison with a missing operand is false, and so its `NOT` is true. `<>` is the negation
    /// of `=`: a missing attribute differs from every value.
    func isSatisfied(by item: Item) -> Bool {
        switch self {
        case .all(let parts): return parts.allSatisfy { $0.isSatisfied(by: item) }
        case .any(let parts): return parts.contains { $0.isSatisfied(by: item) }
        case .not(let inner): return !inner.isSatisfied(by: item)
        case .comparison(let left, let comparator, let right):
            guard let left = left.value(in: item), let right = right.value(in: item) else {
                return comparator == .notEqual
            }
            return Comparison.isSatisfied(left, comparator, right)
        case .between(let operand, let lower, let upper):
            guard let value = operand.value(in: item), let lower = lower.value(in: item),
                let upper = upper.value(in: item)
            else { return false }
            return Comparison.isSatisfied(lower, .lessOrEqual, value)
                && Comparison.isSatisfied(value, .lessOrEqual, upper)
        case .isIn(let operand, let choices):
            guard let value = operand.value(in: item) else { return false }
            return choices.contains { $0.value(in: item) == value }
        case .exists(let path): return path.value(in: item) != nil
        case .notExists(let path): return path.value(in: item) == nil
        case .hasType(let path, let type): return path.value(in: item)?.type == type
        case .beginsWith(let operand, let prefix):
            guard let value = operand.value(in: item), let prefix = prefix.value(in: item) else {
                return false
            }
            return Comparison.begins(value, with: prefix)
        case .contains(let operand, let part):
            guard let value = operand.value(in: item), let part = part.value(in: item) else {
                return false
            }
            return Comparison.contains(value, part)
        }
    }
}

extension ConditionTree.Operand {
    /// The operand's value, or nil when the item has none.
    func value(in item: Item) -> AttributeValue? {
        switch self {
        case .value(let value): value
        case .path(let path): path.value(in: item)
        case .size(let inner):
            inner.value(in: item).flatMap(Comparison.size).map { .number(Number($0)) }
        }
    }
}
