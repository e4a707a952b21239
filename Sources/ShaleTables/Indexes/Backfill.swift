internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

/// Fills a new index with the items that were in the table before it.
///
/// Since the change of the definition was published, every writer keeps the index, so only items that
/// nobody touches are left; an entry that is there already stays.
struct Backfill: Sendable {
    let engine: Engine
    let live: LiveTable
    let table: TableDefinition
    let index: IndexDefinition

    /// Answers whether the index is whole; false when the task was cancelled.
    func run() async throws(EngineError) -> Bool {
        try await TableFilling(engine: engine, table: table.engineTable).run {
            key,
            view throws(EngineError) in
            try entry(of: key, view)
        } note: { tally in
            live.count(index.engineTable.id, tally)
        }
    }

    /// The batch that gives one item its entry, and how the index grows by it.
    private func entry(
        of key: EntryKey,
        _ view: ReadView
    ) throws(EngineError) -> (WriteBatch, Tally) {
        var batch = WriteBatch()
        guard let bytes = try view.get(table.engineTable.id, key) else { return (batch, Tally()) }
        let entry: IndexEntry?
        let value: [UInt8]
        do throws(ItemError) {
            entry = index.entry(of: try ItemDecoder.decode(bytes), table.key)
            value = try ItemEncoder.encode(entry?.item ?? Item())
        } catch {
            throw EngineError(.corrupted, "item: \(error.description)")
        }
        guard let entry, try view.get(index.engineTable.id, entry.key) == nil else {
            return (batch, Tally())
        }
        batch.put(index.engineTable.id, entry.key, value)
        return (batch, Tally(items: 1, bytes: entry.item.sizeBytes))
    }
}

extension Database {
    /// Fills `index` in the background.
    func startBackfill(_ live: LiveTable, _ index: IndexDefinition) {
        let task = Task(executorPreference: world.scheduler.taskExecutor) {
            await self.fill(live, index)
        }
        backfills.withLock { $0[index.engineTable.id] = task }
    }

    /// Fills anew what was not finished when the database was closed.
    func resumeBackfills() {
        for live in catalog.tables {
            for index in live.definition.indexes where index.isBackfilling {
                startBackfill(live, index)
            }
            if let expiry = live.definition.timeToLive, expiry.isBackfilling {
                startExpiryBackfill(live, expiry)
            }
        }
    }

    /// Lets the filling of an index end early.
    ///
    /// Its writes to a table that is dropped fail, and end it.
    func stopBackfill(_ engineTable: TableID) {
        backfills.withLock { $0.removeValue(forKey: engineTable) }?.cancel()
    }

    /// Ends all filling, and answers when nothing of it runs.
    func stopBackfills() async {
        let tasks = backfills.withLock { backfills in
            defer { backfills = [:] }
            return backfills.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    private func fill(_ live: LiveTable, _ index: IndexDefinition) async {
        let table = live.definition
        do throws(EngineError) {
            let backfill = Backfill(engine: engine, live: live, table: table, index: index)
            guard try await backfill.run() else { return }
            try await activate(live, index)
            options.onEvent?(.indexFilled(table: live.name, index: index.name))
        } catch {
            let wasDropped =
                live.isDeleted
                || !live.definition.indexes.contains { $0.engineTable == index.engineTable }
            guard !wasDropped else { return }
            options.onEvent?(
                .indexFillingFailed(
                    table: live.name,
                    index: index.name,
                    DatabaseError(error)
                )
            )
        }
    }

    /// Marks an index as whole, unless it has been deleted meanwhile.
    private func activate(
        _ live: LiveTable,
        _ index: IndexDefinition
    ) async throws(EngineError) {
        await live.awaitChange()
        defer { live.endChange() }
        var definition = live.definition
        guard !live.isDeleted, !Task.isCancelled,
            let position = definition.indexes.firstIndex(where: {
                $0.engineTable == index.engineTable
            })
        else { return }
        definition.indexes[position].isBackfilling = false
        try await catalog.write(definition, live.tallies(of: definition))
        await live.publish(definition)
        backfills.withLock { _ = $0.removeValue(forKey: index.engineTable.id) }
    }
}
