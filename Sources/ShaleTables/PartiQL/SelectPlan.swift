internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// How a `SELECT` is read: which ranges of which table or index, in which order, and what is left to filter.
///
/// - All key attributes by `=`, no index: one item.
/// - The partition key by `=` or `IN`, or in each branch of an `OR`: the ranges of these partitions, narrowed by
///   what is said of the sort key.
/// - Else: everything.
struct SelectPlan: Sendable {
    enum Access: Sendable {
        /// One item of the table.
        case item(EntryKey)
        /// These ranges, one after the other; no two have an entry in common.
        case ranges([EntryRange])
    }

    let target: ReadTarget
    let selection: Selection
    let filter: Condition?
    let direction: ScanDirection
    var access: Access

    init(_ select: SelectStatement, _ table: TableDefinition) throws(DatabaseError) {
        if let name = select.indexName, table.index(named: name) == nil {
            throw .validation("The table does not have the specified index")
        }
        target = try ReadTarget(table, indexName: select.indexName)
        guard !target.compositeKey.hasSeveral else {
            throw .validation(
                "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or "
                    + "multi-attribute RANGE keys."
            )
        }
        let keyed = KeyedCondition(select.condition, target.key)
        let order = try SelectOrder(select, target, keyed)
        direction = order.direction
        filter = keyed.rest
        try target.checkProjects(keyed)
        var selection = try Selection(PageOptions(), select.projection, nil, target)
        // Answers are made of whole items: each attribute stands on the top level of the answer.
        selection.projection = nil
        self.selection = selection
        if target.index == nil, let key = keyed.exactKey(table.key) {
            try table.checkTypes(key)
            access = .item(table.entryKey(try table.key(of: key)))
        } else {
            access = .ranges(try target.ranges(keyed, order))
        }
    }

    /// Whether a batch or a transaction may read it: one item of the table, whatever it holds.
    var readsOneItem: Bool {
        guard case .item = access else { return false }
        return filter == nil
    }
}

/// What `ORDER BY` asks for.
///
/// The service serves what its keys serve: the sort key, and the partition key where there are several. Without
/// the sort key, the items of a partition come from the last one on.
struct SelectOrder {
    var direction = ScanDirection.ascending
    var partitionsDescend = false

    init(
        _ select: SelectStatement,
        _ target: ReadTarget,
        _ keyed: KeyedCondition
    ) throws(DatabaseError) {
        guard let first = select.order.first else { return }
        guard select.condition != nil else {
            throw .validation(
                "Must have WHERE clause in the statement when using ORDER BY clause."
            )
        }
        let partition = target.key.partition.name
        for term in select.order {
            guard target.key.attributes.contains(where: { TextOrder.areEqual($0.name, term.name) })
            else {
                throw .validation(
                    "Attribute \(term.name) in ORDER BY clause must be part of the primary key"
                )
            }
        }
        guard let partitions = keyed.partitions else {
            throw .validation(
                "Must have at least one non-optional hash key condition in WHERE clause when using "
                    + "ORDER BY clause."
            )
        }
        guard partitions.count == 1 || TextOrder.areEqual(first.name, partition) else {
            throw .validation(
                "Must have hash key in ORDER BY clause when more than one hash key condition "
                    + "specified in WHERE clause."
            )
        }
        let sort = select.order.first { !TextOrder.areEqual($0.name, partition) }
        direction = sort?.isAscending ?? false ? .ascending : .descending
        partitionsDescend = select.order.contains {
            TextOrder.areEqual($0.name, partition) && !$0.isAscending
        }
    }
}

extension ReadTarget {
    /// Where a condition names the partition key, its filter may not need what the index lacks.
    fileprivate func checkProjects(_ keyed: KeyedCondition) throws(DatabaseError) {
        guard let index, keyed.isKeyed, let rest = keyed.rest else { return }
        var missing: [String] = []
        for path in rest.paths where !index.holds(path.root, table.key) {
            if !missing.contains(where: { TextOrder.areEqual($0, path.root) }) {
                missing.append(path.root)
            }
        }
        guard missing.isEmpty else {
            throw .invalidParameters(
                "Secondary index \(index.name) does not project one or more filter attributes: "
                    + "[\(missing.joined(separator: ", "))]"
            )
        }
    }

    /// The ranges of a condition, in the order in which they are read.
    fileprivate func ranges(
        _ keyed: KeyedCondition,
        _ order: SelectOrder
    ) throws(DatabaseError) -> [EntryRange] {
        guard let partitions = keyed.partitions else { return [.all] }
        var partitionKeys: [[UInt8]] = []
        for value in partitions {
            // In the branches of an OR, what is of another type matches nothing.
            if !keyed.isKeyed, value.type != key.partition.type.attributeType { continue }
            partitionKeys.append(try bytes(of: value, key.partition))
        }
        partitionKeys.sort { $0.lexicographicallyPrecedes($1) }
        if order.partitionsDescend { partitionKeys.reverse() }
        var sortRanges = try sortRanges(keyed)
        if order.direction == .descending { sortRanges.reverse() }
        return partitionKeys.flatMap { partition in
            sortRanges.map { range in
                range.lower.isEmpty && range.upper == nil
                    ? engineTable.range(partition: partition)
                    : engineTable.range(partition: partition, from: range.lower, to: range.upper)
            }
        }
    }

    /// The ranges of sort keys, ascending; one that is everything where nothing is said.
    private func sortRanges(
        _ keyed: KeyedCondition
    ) throws(DatabaseError) -> [(lower: [UInt8], upper: [UInt8]?)] {
        guard let attribute = key.sort else { return [([], nil)] }
        var conditions = [keyed.sorts]
        if let choices = keyed.sortChoices { conditions = choices.map { [.equal($0)] } }
        var ranges: [(lower: [UInt8], upper: [UInt8]?)] = []
        for all in conditions {
            var lower: [UInt8] = []
            var upper: [UInt8]?
            for condition in all {
                for value in condition.comparedValues { _ = try bytes(of: value, attribute) }
                let range: (lower: [UInt8], upper: [UInt8]?)
                do throws(ItemError) {
                    range = try condition.keyRange()
                } catch {
                    throw DatabaseError(error)
                }
                if lower.lexicographicallyPrecedes(range.lower) { lower = range.lower }
                if let bound = range.upper, upper.map(bound.lexicographicallyPrecedes) ?? true {
                    upper = bound
                }
            }
            if let upper, !lower.lexicographicallyPrecedes(upper) { continue }
            ranges.append((lower, upper))
        }
        return ranges.sorted { $0.lower.lexicographicallyPrecedes($1.lower) }
    }

    /// The bytes of a key attribute's value, which must have its type and not be empty.
    private func bytes(
        of value: AttributeValue,
        _ attribute: KeySchema.Attribute
    ) throws(DatabaseError) -> [UInt8] {
        guard value.type == attribute.type.attributeType else { throw .keyTypeMismatch }
        guard value.type == .number || value.sizeBytes > 0 else {
            throw .validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                    + "cannot contain an empty \(value.type == .string ? "string" : "binary") "
                    + "value. Key: \(attribute.name)"
            )
        }
        return KeyBytes.of(value)
    }
}
