package import ShaleItems

/// What the `WHERE` of a statement says of a key, and what is left of it.
///
/// Only literals count, and only what must hold for the whole condition: `a = 1 AND (b = 2 OR c = 3)` says
/// of `a` what it says, and of `b` nothing.
package struct KeyedCondition: Sendable {
    /// The values that the partition key can have, each once, in no order; nil where it can be any.
    package var partitions: [AttributeValue]?
    /// Whether the partition key is named by `=` or `IN` beside everything else, not within an `OR`.
    package var isKeyed: Bool
    /// Whether it is named by `=`.
    private var isEqual: Bool
    /// What is said of the sort key; all of it must hold.
    package var sorts: [SortCondition]
    /// The values of an `IN` on the sort key, where nothing else is said of it.
    ///
    /// With the partitions they make at most as many keys as an `IN` may name: what is over that is left to
    /// be filtered, so that no statement looks up ten thousand keys.
    package var sortChoices: [AttributeValue]?
    /// What neither partition nor sort key decide; nil where they decide all.
    package var rest: Condition?

    /// Takes a condition apart, for a table or index of this key; no condition says nothing.
    package init(_ condition: Condition?, _ key: KeySchema) {
        partitions = nil
        isKeyed = false
        isEqual = false
        sorts = []
        guard let condition else { return }
        var conjuncts: [ConditionTree] = []
        condition.tree.collectConjuncts(into: &conjuncts)
        let name = key.partition.name
        if let equal = conjuncts.lazy.compactMap({ $0.equal(of: name) }).first {
            // Said twice, it is said once.
            conjuncts.removeAll { $0.equal(of: name) == equal }
            partitions = [equal]
            (isKeyed, isEqual) = (true, true)
        } else if let index = conjuncts.firstIndex(where: { $0.choices(of: name) != nil }) {
            partitions = conjuncts.remove(at: index).choices(of: name).map(Self.distinct)
            isKeyed = true
        } else {
            // Each branch of an OR names partitions: the whole stays as a filter.
            partitions = conjuncts.lazy.compactMap { $0.partitions(name) }.first.map(Self.distinct)
        }
        if isKeyed, let sort = key.sort { takeSort(sort.name, &conjuncts) }
        switch conjuncts.count {
        case 0: rest = nil
        case 1: rest = Condition(tree: conjuncts[0])
        default: rest = Condition(tree: .all(conjuncts))
        }
    }

    private mutating func takeSort(_ name: String, _ conjuncts: inout [ConditionTree]) {
        var others: [ConditionTree] = []
        for conjunct in conjuncts {
            if let sort = conjunct.sortCondition(on: name) {
                sorts.append(sort)
            } else {
                others.append(conjunct)
            }
        }
        if sorts.isEmpty,
            let index = others.firstIndex(where: { $0.choices(of: name) != nil }),
            let choices = others[index].choices(of: name).map(Self.distinct),
            choices.count * (partitions?.count ?? 1) <= ExpressionLimits.inOperands
        {
            sortChoices = choices
            others.remove(at: index)
        }
        conjuncts = others
    }

    private static func distinct(_ values: [AttributeValue]) -> [AttributeValue] {
        var seen: Set<AttributeValue> = []
        return values.filter { seen.insert($0).inserted }
    }

    /// The one key that the condition names by equality of all its attributes; nil where there is none.
    package func exactKey(_ key: KeySchema) -> Item? {
        guard isEqual, let partition = partitions?.first else { return nil }
        var item: Item = [key.partition.name: partition]
        guard let sort = key.sort else { return item }
        guard sortChoices == nil, let first = sorts.first, case .equal(let value) = first,
            sorts.allSatisfy({ $0 == first })
        else { return nil }
        item[sort.name] = value
        return item
    }
}

extension ConditionTree {
    /// The conditions of which all must hold, whatever the parentheses.
    fileprivate func collectConjuncts(into conjuncts: inout [ConditionTree]) {
        guard case .all(let parts) = self else { return conjuncts.append(self) }
        for part in parts { part.collectConjuncts(into: &conjuncts) }
    }

    /// The value that an attribute has where this holds, if it is `=` with a literal.
    fileprivate func equal(of name: String) -> AttributeValue? {
        guard case .comparison(let left, .equal, let right) = self else { return nil }
        if left.isAttribute(name), case .value(let value) = right { return value }
        if right.isAttribute(name), case .value(let value) = left { return value }
        return nil
    }

    /// The values that an attribute has where this holds, if it is `=` or `IN` with literals.
    fileprivate func choices(of name: String) -> [AttributeValue]? {
        if let equal = equal(of: name) { return [equal] }
        switch self {
        case .isIn(let operand, let choices):
            guard operand.isAttribute(name) else { return nil }
            let values = choices.compactMap { choice -> AttributeValue? in
                guard case .value(let value) = choice else { return nil }
                return value
            }
            return values.count == choices.count ? values : nil
        default: return nil
        }
    }

    /// The values of an attribute outside of which this cannot hold; nil where it can.
    fileprivate func partitions(_ name: String) -> [AttributeValue]? {
        switch self {
        case .all(let parts): return parts.lazy.compactMap { $0.partitions(name) }.first
        case .any(let parts):
            var values: [AttributeValue] = []
            for part in parts {
                guard let some = part.partitions(name) else { return nil }
                values += some
            }
            return values
        default: return choices(of: name)
        }
    }

    /// The range of values that an attribute has where this holds, and only there.
    fileprivate func sortCondition(on name: String) -> SortCondition? {
        switch self {
        case .comparison(let left, let comparator, .value(let value)) where left.isAttribute(name):
            return SortCondition(comparator, value)
        case .comparison(.value(let value), let comparator, let right)
        where right.isAttribute(name):
            return SortCondition(comparator.flipped, value)
        case .between(let operand, .value(let lower), .value(let upper))
        where operand.isAttribute(name):
            return .between(lower, upper)
        case .beginsWith(let operand, .value(let prefix)) where operand.isAttribute(name):
            return .beginsWith(prefix)
        default: return nil
        }
    }
}

extension ConditionTree.Operand {
    fileprivate func isAttribute(_ name: String) -> Bool {
        guard case .path(let path) = self else { return false }
        return path.steps.isEmpty && TextOrder.areEqual(path.root, name)
    }
}

extension SortCondition {
    /// Nil for `<>`, which is no range.
    fileprivate init?(_ comparator: Comparator, _ value: AttributeValue) {
        switch comparator {
        case .equal: self = .equal(value)
        case .less: self = .less(value)
        case .lessOrEqual: self = .lessOrEqual(value)
        case .greater: self = .greater(value)
        case .greaterOrEqual: self = .greaterOrEqual(value)
        case .notEqual: return nil
        }
    }

    /// The values that it compares with.
    package var comparedValues: [AttributeValue] { values }
}

/// The conditions of a statement's writes.
extension Condition {
    /// That the item is there, and `rest` holds of it.
    package static func exists(_ name: String, and rest: Condition?) -> Condition {
        let exists = ConditionTree.exists(DocumentPath(name))
        return Condition(tree: rest.map { .all([exists, $0.tree]) } ?? exists)
    }

    /// That the item is not there, or `rest` holds of it; nil where there is no rest: then always.
    package static func isAbsent(_ name: String, or rest: Condition?) -> Condition? {
        rest.map { Condition(tree: .any([.notExists(DocumentPath(name)), $0.tree])) }
    }

    /// That the item is not there.
    package static func isAbsent(_ name: String) -> Condition {
        Condition(tree: .notExists(DocumentPath(name)))
    }
}
