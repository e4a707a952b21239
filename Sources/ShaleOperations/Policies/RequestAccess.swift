internal import ShaleExpressions
internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

// What requests do, in the words of policies. An operation that says nothing here does something to no
// resource: only who may do it with every resource may do it.

extension Operation {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        var access = Access(action: "dynamodb:\(name)", resource: "*")
        access.leadingKeys = .any
        access.attributes = .any
        return [access]
    }
}

/// The attributes and keys of one request, gathered piece by piece.
struct AccessedAttributes {
    private(set) var values = AccessedValues.these([])

    /// Everything that an item may have.
    mutating func addAll() { values = .any }

    mutating func add(_ names: [String]) {
        guard case .these(let before) = values else { return }
        values = .these(before + names)
    }

    /// What a text names; a text that is not understood may name everything.
    mutating func add(_ text: String?, _ names: [String: String]?) {
        guard let found = ExpressionNames.topLevel(in: text, names: names) else { return addAll() }
        add(found)
    }

    /// What a read answers: what a projection names, else everything.
    mutating func addRead(_ projection: String?, _ names: [String: String]?) {
        guard projection != nil else { return addAll() }
        add(projection, names)
    }
}

extension Service {
    /// An access to a table.
    func access(_ operation: String, _ table: String) -> Access {
        Access(action: "dynamodb:\(operation)", resource: resourceName(ofTable: table))
    }

    /// An access to items of a table.
    func access(
        _ operation: String,
        _ table: String,
        items: [Item],
        _ attributes: AccessedAttributes
    ) -> Access {
        var access = access(operation, table)
        access.attributes = attributes.values
        access.leadingKeys = leadingKeys(of: items, table)
        return access
    }

    private func leadingKeys(of items: [Item], _ table: String) -> AccessedValues {
        guard let name = database.partitionName(of: table) else { return .any }
        let texts = items.compactMap { $0[name].flatMap(Self.text) }
        return texts.count == items.count ? .these(texts) : .any
    }

    /// A key as policies write it.
    static func text(_ value: AttributeValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.description
        case .binary(let bytes): Base64.encode(bytes)
        default: nil
        }
    }

    /// An access to what a write of one item touches.
    func access(
        _ operation: String,
        _ table: String,
        item: Item,
        _ options: WriteOptions,
        update: String? = nil
    ) -> Access {
        var attributes = AccessedAttributes()
        attributes.add(item.names)
        attributes.add(update, options.attributes.names)
        attributes.add(options.condition, options.attributes.names)
        let answersWithAll =
            [.allOld, .allNew].contains(options.returnValues)
            || options.returnValuesOnConditionCheckFailure == .allOld
        if answersWithAll || options.expected != nil { attributes.addAll() }
        return access(operation, table, items: [item], attributes)
    }

    /// An access to a page of a table or index.
    func access(_ operation: String, _ table: String, _ options: PageOptions) -> Access {
        var access = access(operation, table)
        if let index = options.indexName { access.resource += "/index/" + index }
        var attributes = AccessedAttributes()
        let names = options.attributes.names
        attributes.add(options.filter, names)
        if options.select != .count { attributes.addRead(options.projection, names) }
        if options.legacyFilter != nil { attributes.addAll() }
        access.attributes = attributes.values
        access.leadingKeys = .any
        return access
    }
}
