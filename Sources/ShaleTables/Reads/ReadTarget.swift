internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// What a query or scan reads: a table, or one of its indexes.
struct ReadTarget: Sendable {
    let table: TableDefinition
    let index: IndexDefinition?

    init(_ table: TableDefinition, indexName: String?) throws(DatabaseError) {
        self.table = table
        guard let indexName else {
            index = nil
            return
        }
        guard let index = table.index(named: indexName) else {
            throw .validation("The table does not have the specified index: \(indexName)")
        }
        guard !index.isBackfilling else {
            throw .validation("Cannot read from backfilling global secondary index: \(indexName)")
        }
        self.index = index
    }

    var engineTable: EngineTable { index?.engineTable ?? table.engineTable }

    /// The key that queries of it name, with all its attributes.
    var compositeKey: CompositeKey {
        guard let index else { return CompositeKey(table.key) }
        return CompositeKey(partition: index.partition, sort: index.sort)
    }

    /// The first attributes of that key.
    var key: KeySchema {
        guard let index else { return table.key }
        return KeySchema(partition: index.partition[0], sort: index.sort.first)
    }

    /// The attributes that make a start key: those of the index and those of the table, each once.
    var startAttributes: [KeySchema.Attribute] {
        var attributes = index?.attributes ?? []
        for attribute in table.key.attributes where !attributes.contains(attribute) {
            attributes.append(attribute)
        }
        return attributes
    }

    /// Where the entry of an item or start key with all key attributes is.
    func entryKey(of checked: Item) -> EntryKey {
        index?.entryKey(of: checked, table.key) ?? table.entryKey(checked)
    }

    /// The key attributes of an item that was read, with which the next page can begin.
    func startKey(of item: Item) -> Item {
        Item(
            startAttributes.compactMap { attribute in
                item[attribute.name].map { (attribute.name, $0) }
            }
        )
    }

    /// Checks a start key: exactly the attributes that it must have, of their types.
    func checkStart(_ start: Item) throws(DatabaseError) {
        let attributes = startAttributes
        guard start.count == attributes.count else {
            throw .validation("Exclusive Start Key must have same size as table's key schema")
        }
        let fits = attributes.allSatisfy { attribute in
            start[attribute.name]?.type == attribute.type.attributeType
        }
        guard fits else {
            throw .validation("The provided starting key is invalid")
        }
        if let index,
            index.attributes.contains(where: { index.violation(of: $0, in: start) != nil })
        {
            throw .validation("The provided starting key is invalid")
        }
        for schema in [table.key, key] {
            do throws(ItemError) {
                _ = try start.key(schema)
            } catch {
                throw .validation("The provided starting key is invalid: \(error.message)")
            }
        }
    }

    func checkConsistency(_ isConsistent: Bool) throws(DatabaseError) {
        guard isConsistent, index?.scope == .global else { return }
        throw .validation("Consistent reads are not supported on global secondary indexes")
    }
}

/// Which attributes a page returns.
struct Selection: Sendable {
    /// Whether items are returned, or only counted.
    var returnsItems: Bool
    /// The parts that are returned; nil is all that was read.
    var projection: Projection?
    /// Whether each entry of a local index needs its whole item from the table.
    var fetchesItems: Bool
    /// Whether what is read is returned as it is.
    var isWhole: Bool { returnsItems && projection == nil && !fetchesItems }

    init(
        _ options: PageOptions,
        _ projection: Projection?,
        _ filter: Condition?,
        _ target: ReadTarget
    ) throws(DatabaseError) {
        let select = options.select
        self.projection = projection
        returnsItems = select != .count
        fetchesItems = false
        guard let index = target.index, index.projection.kind != .all else { return }
        var needed = filter?.paths ?? []
        needed += projection?.paths ?? []
        let missing = needed.map(\.root).filter { !index.holds($0, target.table.key) }
        switch index.scope {
        case .local:
            fetchesItems = select == .allAttributes || !missing.isEmpty
            // What a filter needs besides decides which items come, and not what of them.
            if fetchesItems, projection == nil, select != .allAttributes {
                self.projection = index.held(target.table.key)
            }
        case .global:
            guard select != .allAttributes else {
                throw .invalidParameters(
                    "Select type ALL_ATTRIBUTES is not supported for global secondary index "
                        + "\(index.name) because its projection type is not ALL"
                )
            }
            guard missing.isEmpty else {
                throw .invalidParameters(
                    "Global secondary index \(index.name) does not project "
                        + "[\(missing.joined(separator: ", "))]"
                )
            }
        }
    }

    /// Refuses what is asked for and cannot be, whatever the table is.
    static func check(_ options: PageOptions) throws(DatabaseError) {
        let parameter =
            options.projection != nil
            ? "ProjectionExpression" : (options.attributesToGet != nil ? "AttributesToGet" : nil)
        switch options.select {
        case .specificAttributes where parameter == nil:
            throw .validation(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                    + "SPECIFIC_ATTRIBUTES"
            )
        case .allProjectedAttributes where options.indexName == nil:
            throw .invalidParameters(
                "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
            )
        case .some(let select) where select != .specificAttributes:
            guard let parameter else { return }
            throw .validation(
                "Cannot specify the \(parameter) when choosing to get "
                    + (select == .count ? "only the Count" : select.rawValue)
            )
        default: break
        }
    }
}
