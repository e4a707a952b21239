internal import ShaleItems
internal import ShaleTables

/// A table of the model.
struct TableSchema: Sendable, Equatable {
    var name: String
    var key: KeySchema
    /// Those that the table is made with.
    var indexes: [IndexSchema]
    /// Attributes that indexes of this table may have as keys.
    var candidates: [KeySchema.Attribute]
    /// How many different partition keys there are, where there is a sort key.
    var partitions: Int
    /// Whether there is a stream of its changes.
    var hasStream = false
    /// Whether its items are to expire, at the time that `until` says.
    var hasExpiry = false

    /// Whether they are made alike: what items hold besides keys does not matter.
    static func == (left: TableSchema, right: TableSchema) -> Bool {
        left.name == right.name && left.key == right.key && left.indexes == right.indexes
    }

    /// The attribute that indexes made later may use, and that items give other types as well: an item is
    /// refused for it or not, whatever the moment brings.
    static let loose = "loose"

    /// The schema in a line.
    var words: String {
        let all = indexes.map { "\($0.name) \($0.key.words) \($0.projection.kind)" }
        return "\(name) \(key.words) \(all.joined(separator: ", "))"
    }

    /// The primary key of a whole item.
    func key(of item: Item) -> ItemKey {
        ItemKey(
            table: name,
            attributes: Item(key.attributes.map { ($0.name, item[$0.name] ?? .null) })
        )
    }

    /// The request that makes it.
    var request: CreateTableRequest {
        var used = key.attributes
        for attribute in indexes.flatMap(\.key.attributes) where !used.contains(attribute) {
            used.append(attribute)
        }
        var request = CreateTableRequest(
            tableName: name,
            attributeDefinitions: used,
            keySchema: IndexSchema.elements(key)
        )
        request.billingMode = .payPerRequest
        request.localSecondaryIndexes = indexes.filter(\.isLocal).map(\.definition)
        request.globalSecondaryIndexes = indexes.filter { !$0.isLocal }.map(\.definition)
        if hasStream {
            request.stream = StreamSpecification(isEnabled: true, viewType: .newAndOldImages)
        }
        return request
    }

    /// The attribute with the time when an item expires.
    static let until = "until"

    /// Makes it.
    func make(in database: Database) async throws(DatabaseError) {
        _ = try await database.createTable(request)
        guard hasExpiry else { return }
        try await database.updateTimeToLive(name, attributeName: Self.until, isEnabled: true)
    }

    /// Whether an item cannot be stored because of the keys of indexes.
    enum Verdict: Sendable { case stored, refused, either }

    func verdict(of item: Item) -> Verdict {
        let isWrong = indexes.contains { index in
            index.key.attributes.contains { item.contains(name: $0.name) && !$0.fits(item) }
        }
        if isWrong { return .refused }
        guard let loose = item[Self.loose] else { return .stored }
        return loose.type == .string && loose != .string("") ? .stored : .either
    }
}

/// Where an item is.
struct ItemKey: Hashable, Sendable, CustomStringConvertible {
    var table: String
    var attributes: Item

    var description: String { "\(table) \(attributes.words)" }
}

/// A secondary index of the model.
struct IndexSchema: Sendable, Equatable {
    var name: String
    var isLocal: Bool
    var key: KeySchema
    var projection: IndexProjection

    static func elements(_ key: KeySchema) -> [KeySchemaElement] {
        [KeySchemaElement(key.partition.name, .partition)]
            + (key.sort.map { [KeySchemaElement($0.name, .sort)] } ?? [])
    }

    var definition: SecondaryIndexDefinition {
        SecondaryIndexDefinition(name, keySchema: Self.elements(key), projection: projection)
    }

    /// Whether the index holds an attribute.
    func holds(_ name: String, _ primary: KeySchema) -> Bool {
        switch projection.kind {
        case .all: true
        case .keysOnly: isKey(name, primary)
        case .include:
            isKey(name, primary) || projection.nonKeyAttributes?.contains(name) == true
        }
    }

    private func isKey(_ name: String, _ primary: KeySchema) -> Bool {
        (key.attributes + primary.attributes).contains { $0.name == name }
    }

    /// What the index holds of an item; nil where it is not in the index.
    func image(of item: Item, _ primary: KeySchema) -> Item? {
        guard key.attributes.allSatisfy({ $0.fits(item) }) else { return nil }
        return Item(item.filter { holds($0.name, primary) }.map { ($0.name, $0.value) })
    }
}

extension KeySchema {
    /// "(pk S, sk N)".
    var words: String {
        "(" + attributes.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ", ") + ")"
    }
}

extension KeySchema.Attribute {
    /// Whether an item has this attribute with a value that a key can have.
    func fits(_ item: Item) -> Bool {
        switch (type, item[name]) {
        case (.string, .string(let text)?): !text.isEmpty
        case (.binary, .binary(let bytes)?): !bytes.isEmpty
        case (.number, .number?): true
        default: false
        }
    }
}

extension Item {
    /// The attributes in a line, long values cut short.
    var words: String {
        "{" + map { "\($0.name): \($0.value.words)" }.joined(separator: ", ") + "}"
    }
}

extension AttributeValue {
    /// The value in a few characters.
    var words: String {
        switch self {
        case .string(let text):
            text.utf8.count > 24
                ? "text of \(text.utf8.count)" : text.debugDescription
        case .number(let number): "\(number)"
        case .binary(let bytes):
            bytes.count > 8 ? "bytes of \(bytes.count)" : "bytes \(bytes)"
        case .map(let map): map.words
        case .list(let list): "[" + list.map(\.words).joined(separator: ", ") + "]"
        case .stringSet(let set): "set \(set.sorted())"
        case .bool(let flag): "\(flag)"
        case .null: "null"
        case .numberSet(let set): "set \(set)"
        case .binarySet(let set): "set \(set)"
        }
    }
}
