internal import ShaleItems
package import ShaleTables

/// What mappings there are, and how far each has got: items of the system table `$mappings`.
///
///     partition key  mapping  the UUID
///     sort key       what     mapping | shard#SHARD
///     of a mapping   fields   M: the description, with the service's names
///     of a shard     next     S: the sequence number from which records are still to be read; absent is the oldest
///                    ended    BOOL: whether the shard is closed and all of it was read
package struct MappingRegistry: Sendable {
    private static let shardMark = "shard#"

    private let table: SystemTable
    private let list: SystemTable

    /// How far a shard was read.
    struct Checkpoint: Sendable, Equatable {
        var next: StreamSequence?
        var hasEnded = false
    }

    /// Opens the registry; makes it where it is not there.
    ///
    /// - Throws: `.internalFailure`.
    package init(_ database: Database) async throws(DatabaseError) {
        let key = KeySchema(
            partition: KeySchema.Attribute("mapping", .string),
            sort: KeySchema.Attribute("what", .string)
        )
        table = try await database.systemTable("$mappings", key: key)
        list = try await database.systemTable("$mapping-names", key: key)
    }

    private static func key(_ identity: String, _ what: String) -> Item {
        ["mapping": .string(identity), "what": .string(what)]
    }

    /// All mappings, in the order of their identities.
    ///
    /// - Throws: `.internalFailure`.
    func all() async throws(DatabaseError) -> [EventSourceMapping] {
        var found: [EventSourceMapping] = []
        for item in try await list.items(of: "mapping") {
            // A crash between the list and the mapping leaves a name alone.
            guard let identity = item["what"]?.stringValue,
                let mapping = try await mapping(identity)
            else { continue }
            found.append(mapping)
        }
        return found
    }

    /// A mapping; nil where there is none.
    ///
    /// - Throws: `.internalFailure`.
    func mapping(_ identity: String) async throws(DatabaseError) -> EventSourceMapping? {
        let item = try await table.item(Self.key(identity, "mapping"))
        return item?["fields"]?.mapValue.map { EventSourceMapping($0) }
    }

    /// Writes a mapping, and how far it has got with shards.
    ///
    /// - Throws: `.internalFailure`.
    func write(
        _ mapping: EventSourceMapping,
        _ checkpoints: [(shard: ShardIdentity, Checkpoint)] = []
    ) async throws(DatabaseError) {
        try await list.write(putting: [Self.key("mapping", mapping.identity)])
        var item = Self.key(mapping.identity, "mapping")
        item["fields"] = .map(mapping.fields)
        let items = checkpoints.map { Self.item(mapping.identity, $0.shard, $0.1) }
        try await table.write(putting: [item] + items)
    }

    /// Notes how far a shard was read.
    ///
    /// - Throws: `.internalFailure`.
    func write(
        _ checkpoint: Checkpoint,
        _ shard: ShardIdentity,
        of identity: String
    ) async throws(DatabaseError) {
        try await table.write(putting: [Self.item(identity, shard, checkpoint)])
    }

    private static func item(
        _ identity: String,
        _ shard: ShardIdentity,
        _ checkpoint: Checkpoint
    ) -> Item {
        var item = key(identity, shardMark + shard.description)
        if let next = checkpoint.next { item["next"] = .string(next.description) }
        item["ended"] = .bool(checkpoint.hasEnded)
        return item
    }

    /// How far all shards of a mapping were read.
    ///
    /// - Throws: `.internalFailure`.
    func checkpoints(
        of identity: String
    ) async throws(DatabaseError) -> [ShardIdentity: Checkpoint] {
        let items = try await table.items(
            of: .string(identity),
            in: (from: .string(Self.shardMark), to: .string("shard$"))
        )
        var checkpoints: [ShardIdentity: Checkpoint] = [:]
        for item in items {
            guard let what = item["what"]?.stringValue,
                let shard = ShardIdentity(String(what.dropFirst(Self.shardMark.count)))
            else { continue }
            checkpoints[shard] = Checkpoint(
                next: item["next"]?.stringValue.flatMap { StreamSequence($0) },
                hasEnded: item["ended"] == true
            )
        }
        return checkpoints
    }

    /// Forgets shards that are not there any more.
    ///
    /// - Throws: `.internalFailure`.
    func forget(_ shards: [ShardIdentity], of identity: String) async throws(DatabaseError) {
        let keys = shards.map { Self.key(identity, Self.shardMark + $0.description) }
        try await table.write(deleting: keys)
    }

    /// Deletes a mapping with all that is known of its shards.
    ///
    /// - Throws: `.internalFailure`.
    func delete(_ identity: String) async throws(DatabaseError) {
        let items = try await table.items(of: .string(identity))
        try await table.write(
            deleting: items.compactMap { $0["what"]?.stringValue }.map { Self.key(identity, $0) }
        )
        try await list.write(deleting: [Self.key("mapping", identity)])
    }
}
