package import ShaleEngine
package import ShaleItems
internal import ShalePlatform

/// A table in which a layer of Shale keeps its own state: timers, meters, what scales.
///
/// Its name begins with `$`, which no user's does, and it stands in no answer of the API. It has a key schema and items as
/// others; so it is in the same log, recovery and verification. It has neither indexes nor a stream nor limits.
package struct SystemTable: Sendable {
    let database: Database
    let live: LiveTable

    /// Whether somebody relies on `itemCount`.
    package enum Counting: Sendable {
        /// Nobody does: behind a crash it misses what was written since the database was last closed.
        case roughly
        /// Behind a crash all items are read and counted, once, when the table is first asked for: that is before anybody writes it.
        case exactly
    }

    /// How many items it has; exact where whoever made or opened it first asked for that (`Counting`).
    package var itemCount: Int { live.tallies(of: live.definition).first?.items ?? 0 }

    /// The item of a primary key; nil if there is none.
    ///
    /// - Throws: `.validation`, `.internalFailure`.
    package func item(_ key: Item) async throws(DatabaseError) -> Item? {
        let table = live.definition
        let entryKey = table.entryKey(try table.checkedKey(key))
        let bytes: [UInt8]?
        do throws(EngineError) {
            bytes = try await database.engine.read { view throws(EngineError) in
                try view.get(table.engineTable.id, entryKey)
            }
        } catch {
            throw DatabaseError(error)
        }
        return try bytes.map { (bytes) throws(DatabaseError) in try StoredItem.decode(bytes) }
    }

    /// The items of one partition key, in the order of their sort keys.
    ///
    /// - Parameters:
    ///   - partition: The partition key.
    ///   - range: Of sort keys: the first, and the first that is behind; nil is the end of either side.
    ///   - limit: The most items.
    ///   - direction: In which order.
    /// - Returns: The items.
    /// - Throws: `.internalFailure`.
    package func items(
        of partition: AttributeValue,
        in range: (from: AttributeValue?, to: AttributeValue?) = (nil, nil),
        limit: Int = .max,
        _ direction: ScanDirection = .ascending
    ) async throws(DatabaseError) -> [Item] {
        try await values(of: partition, in: range, limit: limit, direction) { $0 }
    }

    /// What is made of each item of one partition key, as `items` finds them: never all items are in memory.
    ///
    /// - Throws: `.internalFailure`.
    package func values<Value: Sendable>(
        of partition: AttributeValue,
        in range: (from: AttributeValue?, to: AttributeValue?) = (nil, nil),
        limit: Int = .max,
        _ direction: ScanDirection = .ascending,
        _ value: (Item) -> Value
    ) async throws(DatabaseError) -> [Value] {
        let table = live.definition.engineTable
        let bounds = table.range(
            partition: KeyBytes.of(partition),
            from: range.from.map(KeyBytes.of) ?? [],
            to: range.to.map(KeyBytes.of)
        )
        let found: [[UInt8]]
        do throws(EngineError) {
            found = try await database.engine.read { view throws(EngineError) in
                var found: [[UInt8]] = []
                try view.scan(table.id, bounds, direction) { _, value in
                    found.append(value)
                    return found.count < limit ? .continue : .stop
                }
                return found
            }
        } catch {
            throw DatabaseError(error)
        }
        var values: [Value] = []
        for bytes in found { values.append(try value(StoredItem.decode(bytes))) }
        return values
    }

    /// Puts and deletes items of different keys, all or none of them: one record of the log.
    ///
    /// - Throws: `.validation`, `.internalFailure`.
    package func write(
        putting items: [Item] = [],
        deleting keys: [Item] = [],
        _ durability: Durability = .synced
    ) async throws(DatabaseError) {
        let changes =
            items.map { (table: self, change: SystemWrites.Change.put($0)) }
            + keys.map { (table: self, change: SystemWrites.Change.delete($0)) }
        guard !changes.isEmpty else { return }
        try await database.write(changes, durability)
    }
}

extension Database {
    /// The system table of a name; makes it where it is not there.
    ///
    /// - Parameters:
    ///   - name: Begins with `$`, and is no entry of the catalog's own (`SystemEntry`).
    ///   - key: Its key, the same each time.
    ///   - counting: How exact `itemCount` is.
    /// - Returns: The table.
    /// - Throws: `.internalFailure`.
    package func systemTable(
        _ name: String,
        key: KeySchema,
        counting: SystemTable.Counting = .roughly
    ) async throws(DatabaseError) -> SystemTable {
        precondition(Catalog.isSystemName(name), "a system table's name begins with $")
        await systemTableTurn.take()
        defer { systemTableTurn.give() }
        if let live = catalog.systemTable(name) {
            if counting == .exactly, !live.isCounted { try await count(live) }
            return SystemTable(database: self, live: live)
        }
        do throws(EngineError) {
            let definition = TableDefinition(
                name: name,
                id: makeUUID(),
                creationMilliseconds: world.time.wallMilliseconds,
                attributeDefinitions: key.attributes,
                key: key,
                engineTable: try await engine.createTable(),
                indexes: [],
                billing: Billing(mode: .payPerRequest, throughput: .none),
                deletionProtection: true
            )
            try await catalog.write(definition, [Tally()])
            let live = LiveTable(definition, [Tally()], nil, nil)
            live.count(all: Tally())
            catalog.install(live)
            return SystemTable(database: self, live: live)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Counts what a system table holds that nobody writes yet.
    private func count(_ live: LiveTable) async throws(DatabaseError) {
        let table = live.definition.engineTable.id
        let counted: Result<Tally, DatabaseError>
        do throws(EngineError) {
            counted = try await engine.read { view throws(EngineError) in
                var tally = Tally()
                var damage: DatabaseError?
                try view.scan(table, .all) { _, bytes in
                    do throws(DatabaseError) {
                        let item = try StoredItem.decode(bytes)
                        tally += Tally(items: 1, bytes: item.sizeBytes)
                        return .continue
                    } catch {
                        damage = error
                        return .stop
                    }
                }
                return damage.map { .failure($0) } ?? .success(tally)
            }
        } catch {
            throw DatabaseError(error)
        }
        live.count(all: try counted.get())
    }

    /// The system table of a name; nil where it was never made.
    package func existingSystemTable(_ name: String) -> SystemTable? {
        catalog.systemTable(name).map { SystemTable(database: self, live: $0) }
    }
}
