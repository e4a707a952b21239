internal import ShaleEngine
internal import ShaleItems
internal import Synchronization

/// The tables of a database by name: on disk in the first engine table, in memory for requests.
///
/// Invariants: a table is in memory only after its entry is synced, and its engine tables exist before
/// its entry does. So after a crash an engine table without an entry is one that was being made or
/// dropped, and is dropped at open.
final class Catalog: Sendable {
    private enum Slot {
        case creating
        /// There, and shown; but its items are still being copied into it.
        case filling(LiveTable)
        case live(LiveTable)
    }

    static let tableID = TableID(1)

    private let engine: Engine
    private let engineTable: EngineTable
    private let slots: Mutex<[String: Slot]>
    /// Where the tokens of transactions are.
    let tokens: TokenTables
    /// What was and is kept of changes.
    let streams: StreamRegistry
    /// Backups, and where the past of tables begins.
    let backups: BackupRegistry
    /// Exports and imports.
    let transfers: TransferRegistry
    /// What was asked for most when the database was last closed.
    let hotKeys: [HotKey]
    /// What the caches did until the database was last closed.
    let caches: (items: CacheStatistics, pages: CacheStatistics)
    /// Whether a table has or had a policy since the database was opened.
    let hasPolicies: Atomic<Bool>

    private init(_ engine: Engine, _ engineTable: EngineTable, _ entries: Entries) {
        self.engine = engine
        self.engineTable = engineTable
        slots = Mutex(
            Dictionary(uniqueKeysWithValues: entries.tables.map { ($0.name, Self.slot($0)) })
        )
        tokens = TokenTables(entries.tokens, owner: engineTable)
        streams = StreamRegistry(entries.streams)
        backups = BackupRegistry(entries.backups, entries.points)
        transfers = TransferRegistry(entries.transfers)
        hotKeys = entries.hotKeys
        caches = entries.caches
        hasPolicies = Atomic(entries.tables.contains { $0.definition.settings.policy != nil })
        for table in entries.tables {
            let open = entries.streams.first {
                $0.tableID == table.definition.id && $0.endedMilliseconds == nil
            }
            table.changes.set(open.flatMap { ChangeTarget($0) })
        }
    }

    /// What the catalog's entries say.
    private struct Entries {
        var tables: [LiveTable] = []
        var tokens: TokenGenerations?
        var streams: [StreamDefinition] = []
        var hotKeys: [HotKey] = []
        var caches = (items: CacheStatistics(), pages: CacheStatistics())
        var backups: [BackupDefinition] = []
        var points: [RestorePoint] = []
        var transfers: [TransferRecord] = []

        /// The engine tables that something is in.
        var engineTables: Set<TableID> {
            var known: Set<TableID> = [Catalog.tableID]
            for table in tables.map(\.definition) {
                known.insert(table.engineTable.id)
                known.formUnion(table.indexes.map(\.engineTable.id))
                if let expiry = table.timeToLive { known.insert(expiry.engineTable.id) }
            }
            for stream in streams { known.formUnion(stream.engineTables) }
            known.formUnion(tokens?.engineTables ?? [])
            return known
        }
    }

    /// Reads the catalog, and makes it in a new database.
    static func open(
        _ engine: Engine,
        _ access: EngineAccess,
        _ gates: CapacityGates
    ) async throws(DatabaseError) -> Catalog {
        do throws(EngineError) {
            let engineTable =
                if let existing = engine.table(tableID) { existing } else {
                    try await engine.createTable()
                }
            guard engineTable.id == tableID else {
                throw EngineError(.corrupted, "the database has tables but no catalog")
            }
            let entries = try await engine.read { view throws(EngineError) in
                var entries: [[UInt8]] = []
                try view.scan(engineTable.id, .all) { _, value in
                    entries.append(value)
                    return .continue
                }
                return entries
            }
            let decoded = try decode(entries, engine, gates).get()
            if access == .readWrite { try await dropOrphans(engine, decoded.engineTables) }
            return Catalog(engine, engineTable, decoded)
        } catch {
            throw DatabaseError(error)
        }
    }

    private static func decode(
        _ entries: [[UInt8]],
        _ engine: Engine,
        _ gates: CapacityGates
    ) -> Result<Entries, EngineError> {
        do throws(DatabaseError) {
            var decoded = Entries()
            for entry in entries {
                let fields = try CatalogFormat.fields(entry)
                if let system = try SystemEntry(fields, engine.table(_:)) {
                    switch system {
                    case .tokens(let generations): decoded.tokens = generations
                    case .stream(let stream): decoded.streams.append(stream)
                    case .hotKeys(let keys): decoded.hotKeys = keys
                    case .caches(let items, let pages): decoded.caches = (items, pages)
                    case .backup(let backup): decoded.backups.append(backup)
                    case .point(let point): decoded.points.append(point)
                    case .transfer(let transfer): decoded.transfers.append(transfer)
                    }
                } else {
                    let (definition, tallies) = try CatalogFormat.decode(fields, engine.table(_:))
                    let live = LiveTable(
                        definition,
                        tallies,
                        gates.gate(definition),
                        gates.usage()
                    )
                    if CatalogFormat.isCounted(fields) { live.noteCounted(isYet: engine.wasClosed) }
                    decoded.tables.append(live)
                }
            }
            return .success(decoded)
        } catch {
            return .failure(error.engine ?? EngineError(.corrupted, error.message))
        }
    }

    private static func dropOrphans(
        _ engine: Engine,
        _ known: Set<TableID>
    ) async throws(EngineError) {
        for orphan in engine.tables where !known.contains(orphan.id) {
            try await engine.dropTable(orphan.id)
        }
    }

    // MARK: In memory

    /// A table that is there, and no system table.
    func table(_ name: String) throws(DatabaseError) -> LiveTable {
        // Names are ASCII; any other text that Swift holds for equal to one names no table.
        guard name.utf8.count <= TableLimits.nameLength.upperBound, !Self.isSystemName(name),
            case .live(let table) = slots.withLock({ $0[name] }),
            TextOrder.areEqual(table.name, name)
        else { throw .tableNotFound }
        return table
    }

    /// What counts the use of a table that is there; nil where nobody asks.
    func usage(of name: String) -> UsageCounters? {
        guard case .live(let table) = slots.withLock({ $0[name] }) else { return nil }
        return table.usage
    }

    /// Whether a name is one that system tables have, and users' never.
    static func isSystemName(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: "$") }

    /// A system table that is there.
    func systemTable(_ name: String) -> LiveTable? {
        guard Self.isSystemName(name), case .live(let table) = slots.withLock({ $0[name] }) else {
            return nil
        }
        return table
    }

    /// How many system tables there are.
    var systemTableCount: Int { tables(where: Self.isSystemName).count }

    /// All tables that can be used, but for system tables, in the order of their names: what is done for each is done in one order everywhere.
    var tables: [LiveTable] { tables(where: { !Self.isSystemName($0) }) }

    private func tables(where isMeant: (String) -> Bool) -> [LiveTable] {
        let tables = slots.withLock { slots in
            slots.compactMap { name, slot in
                if case .live(let table) = slot, isMeant(name) { table } else { nil }
            }
        }
        return tables.sorted { TextOrder.precedes($0.name, $1.name) }
    }

    /// Tables into which items are still being copied, in the order of their names.
    var fillingTables: [LiveTable] {
        let tables = slots.withLock { slots in
            slots.values.compactMap { if case .filling(let table) = $0 { table } else { nil } }
        }
        return tables.sorted { TextOrder.precedes($0.name, $1.name) }
    }

    /// A table into which items are still being copied; nil if there is none of this name.
    func fillingTable(_ name: String) -> LiveTable? {
        guard name.utf8.count <= TableLimits.nameLength.upperBound,
            case .filling(let table) = slots.withLock({ $0[name] }),
            TextOrder.areEqual(table.name, name)
        else { return nil }
        return table
    }

    private static func slot(_ table: LiveTable) -> Slot {
        table.definition.isBeingMade ? .filling(table) : .live(table)
    }

    /// Takes a name for a table that is being made.
    func reserve(_ name: String) throws(DatabaseError) {
        let isFree = slots.withLock { slots in
            guard slots[name] == nil else { return false }
            slots[name] = .creating
            return true
        }
        guard isFree else {
            throw DatabaseError(.resourceInUse, "Table already exists: \(name)")
        }
    }

    func install(_ table: LiveTable) {
        if table.definition.settings.policy != nil { hasPolicies.store(true, ordering: .releasing) }
        slots.withLock { $0[table.name] = Self.slot(table) }
    }

    func remove(_ name: String) { slots.withLock { $0[name] = nil } }

    // MARK: On disk

    /// Writes a table's entry, and together with it that of its stream where that changes; synced, whatever the
    /// database's choice.
    func write(
        _ definition: TableDefinition,
        _ tallies: [Tally],
        _ stream: StreamDefinition? = nil
    ) async throws(EngineError) {
        var batch = WriteBatch()
        add(definition, tallies, to: &batch)
        if let stream { add(.stream(stream), to: &batch) }
        try await engine.write(batch, .synced)
    }

    /// Writes what all tables hold, where that has changed since they were opened, and which keys were asked for most; one
    /// sync.
    func writeTallies(
        _ hotKeys: [HotKey],
        items: CacheStatistics,
        pages: CacheStatistics
    ) async throws(EngineError) {
        var batch = WriteBatch()
        for table in tables(where: { _ in true }) where table.isTallyStale {
            let definition = table.definition
            let tallies = table.tallies(of: definition)
            add(definition, tallies, isCounted: table.isCounted, to: &batch)
        }
        if !hotKeys.isEmpty { add(.hotKeys(hotKeys), to: &batch) }
        if items.misses + pages.misses > 0 { add(.caches(items: items, pages: pages), to: &batch) }
        guard !batch.isEmpty else { return }
        try await engine.write(batch, .synced)
    }

    private func add(
        _ definition: TableDefinition,
        _ tallies: [Tally],
        isCounted: Bool = false,
        to batch: inout WriteBatch
    ) {
        do throws(ItemError) {
            let bytes = try CatalogFormat.encode(definition, tallies, isCounted: isCounted)
            batch.put(engineTable.id, key(definition.name), bytes)
        } catch {
            preconditionFailure("a catalog entry is no deep item: \(error)")
        }
    }

    /// Writes an entry that is no table's; synced.
    func write(_ system: SystemEntry) async throws(EngineError) {
        var batch = WriteBatch()
        add(system, to: &batch)
        try await engine.write(batch, .synced)
    }

    private func add(_ system: SystemEntry, to batch: inout WriteBatch) {
        do throws(ItemError) {
            batch.put(engineTable.id, key(system.name), try ItemEncoder.encode(system.item))
        } catch {
            preconditionFailure("a catalog entry is no deep item: \(error)")
        }
    }

    /// Deletes the entry of a name, and ends the stream of its table; synced.
    func erase(
        _ name: String,
        _ ended: StreamDefinition? = nil,
        leaving backup: BackupDefinition? = nil
    ) async throws(EngineError) {
        var batch = WriteBatch()
        batch.delete(engineTable.id, key(name))
        if let ended { add(.stream(ended), to: &batch) }
        if let backup { add(.backup(backup), to: &batch) }
        try await engine.write(batch, .synced)
    }

    private func key(_ name: String) -> EntryKey { engineTable.key(partition: Array(name.utf8)) }
}
