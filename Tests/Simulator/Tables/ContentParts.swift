internal import ShaleItems
internal import ShaleTables

/// What is in a database, by whose it is.
struct ContentParts: Sendable {
    /// In the order of the histories.
    var clients: [ClientState]
    var shared: [ItemKey: Item] = [:]
    /// Those that expire.
    var mortal: [ItemKey: Item] = [:]

    /// Tells apart what belongs to whom.
    ///
    /// - Throws: where a table of all is gone, or something is there that is nobody's.
    init(
        _ contents: WholeContents,
        _ tables: [TableSchema],
        _ histories: [ClientHistory],
        _ swarm: TableSwarm
    ) throws(Failure) {
        clients = histories.map { _ in ClientState() }
        var left = contents.tables
        for schema in tables {
            guard let table = left.removeValue(forKey: schema.name) else {
                throw Failure("table \(schema.name) is gone")
            }
            for item in table.items {
                let key = schema.key(of: item)
                switch CallGenerator.owner(of: item, schema.key, swarm) {
                case .all: shared[key] = item
                case .mortal: mortal[key] = item
                case .client(let client): clients[client].items[key] = item
                case nil: throw Failure("nobody's item is there: \(item.words)")
                }
            }
        }
        for (position, history) in histories.enumerated() {
            for schema in history.knownTables {
                guard let table = left[schema.name], Self.isSame(schema, table.description) else {
                    continue
                }
                left[schema.name] = nil
                clients[position].tables[schema.name] = schema
                for item in table.items { clients[position].items[schema.key(of: item)] = item }
            }
        }
        if let name = left.keys.min() { throw Failure("table \(name) is there, which nobody made") }
    }

    /// Whether a table is the one that was asked for.
    static func isSame(_ schema: TableSchema, _ table: TableDescription) -> Bool {
        func indexes(_ list: [IndexDescription], isLocal: Bool) -> [IndexSchema] {
            list.map { index in
                IndexSchema(
                    name: index.indexName,
                    isLocal: isLocal,
                    key: KeySchema(elements: index.keySchema, table),
                    projection: index.projection
                )
            }
        }
        return KeySchema(elements: table.keySchema, table) == schema.key
            && indexes(table.localSecondaryIndexes, isLocal: true)
                + indexes(table.globalSecondaryIndexes, isLocal: false) == schema.indexes
    }
}
