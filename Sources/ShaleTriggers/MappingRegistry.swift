internal import ShaleItems
package import ShaleTables

/// What mappings there are, and how far each has got: items of the system table `$mappings`.
///
///     partition key  mapping  the UUID
///     sort key       what     mapping | shard#SHARD
///     of a mapping   fields   M: the description, with the service's names
///     of a shard     next     S: the sequence number from which records are still to be read; absent is the oldest
///                    ended    BOOL: whether the shard is closed and all of it was read
///                    window   N: when the open tumbling window began, in milliseconds since 1970-01-01 UTC; absent is none
///                    state    B: the first 256 KiB of the window's state
///                    pieces   N: how many items have more of it; absent is none
///     state#SHARD#N  state    B: the next 256 KiB of it, from 1 on
package struct MappingRegistry: Sendable {
    private static let shardMark = "shard#"

    private let table: SystemTable
    private let list: SystemTable

    /// How far a shard was read.
    struct Checkpoint: Sendable, Equatable {
        var next: StreamSequence?
        var hasEnded = false
        /// The tumbling window that is open, with its state.
        var window: TumblingWindow?
        /// How many items have more of a state, as it was written last.
        fileprivate(set) var pieces = 0
    }

    private static let stateMark = "state#"
    /// Bytes of a state in one item: an item has at most 400 KB.
    private static let pieceBytes = 256 * 1_024

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
        _ checkpoint: inout Checkpoint,
        _ shard: ShardIdentity,
        of identity: String
    ) async throws(DatabaseError) {
        let before = checkpoint.pieces
        let more = (checkpoint.window?.state ?? []).dropFirst(Self.pieceBytes)
        var items: [Item] = []
        for start in stride(from: more.startIndex, to: more.endIndex, by: Self.pieceBytes) {
            var item = Self.pieceKey(identity, shard, items.count + 1)
            let end = min(start + Self.pieceBytes, more.endIndex)
            item["state"] = .binary(Array(more[start..<end]))
            items.append(item)
        }
        checkpoint.pieces = items.count
        let gone = items.count < before ? Array(items.count + 1...before) : []
        try await table.write(
            putting: [Self.item(identity, shard, checkpoint)] + items,
            deleting: gone.map { Self.pieceKey(identity, shard, $0) }
        )
    }

    private static func pieceKey(_ identity: String, _ shard: ShardIdentity, _ number: Int) -> Item
    {
        key(identity, "\(stateMark)\(shard.description)#\(number)")
    }

    private static func item(
        _ identity: String,
        _ shard: ShardIdentity,
        _ checkpoint: Checkpoint
    ) -> Item {
        var item = key(identity, shardMark + shard.description)
        if let next = checkpoint.next { item["next"] = .string(next.description) }
        item["ended"] = .bool(checkpoint.hasEnded)
        if let window = checkpoint.window {
            item["window"] = .number(Number(Int(window.start)))
            item["state"] = .binary(Array(window.state.prefix(pieceBytes)))
            if checkpoint.pieces > 0 { item["pieces"] = .number(Number(checkpoint.pieces)) }
        }
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
            var checkpoint = Checkpoint(
                next: item["next"]?.stringValue.flatMap { StreamSequence($0) },
                hasEnded: item["ended"] == true
            )
            if let start = item["window"]?.numberValue?.intValue {
                checkpoint.pieces = item["pieces"]?.numberValue?.intValue ?? 0
                var state = item["state"]?.binaryValue ?? []
                for number in 0..<checkpoint.pieces {
                    let piece = try await table.item(Self.pieceKey(identity, shard, number + 1))
                    state += piece?["state"]?.binaryValue ?? []
                }
                checkpoint.window = TumblingWindow(start: Int64(start), state: state)
            }
            checkpoints[shard] = checkpoint
        }
        return checkpoints
    }

    /// Forgets shards that are not there any more.
    ///
    /// - Throws: `.internalFailure`.
    func forget(_ shards: [ShardIdentity], of identity: String) async throws(DatabaseError) {
        let most = TumblingWindow.stateBytes / Self.pieceBytes
        let keys = shards.flatMap { shard in
            [Self.key(identity, Self.shardMark + shard.description)]
                + (1...most).map { Self.pieceKey(identity, shard, $0) }
        }
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
