internal import ShaleEngine
internal import ShaleItems

/// What `Database.rebuildIndexes` changed.
public struct IndexRebuild: Sendable, Equatable {
    /// Entries that were missing or different, written anew.
    public var written = 0
    /// Entries without an item that implies them, removed.
    public var removed = 0
}

extension Database {
    /// Makes the indexes of a table what its items imply, without touching what already is.
    ///
    /// For a database that nobody else writes to: after a salvage, where an item may be lost and its entry
    /// not, or the other way round.
    /// - Throws: `.resourceNotFound`, `.internalFailure`.
    /// - Complexity: One point read for each item and index, and one for each entry.
    public func rebuildIndexes(_ tableName: String) async throws(DatabaseError) -> IndexRebuild {
        let table = try describedTable(tableName).definition
        let repair = IndexRepair(table: table)
        var answer = IndexRebuild()
        do throws(EngineError) {
            for index in table.indexes {
                var entries = TableWalk(index.engineTable)
                while let batch = try await entries.next(
                    engine,
                    { view, entries throws(EngineError) in
                        try repair.removals(from: index, view, entries)
                    }
                ) {
                    answer.removed += batch.count
                    try await apply(batch)
                }
            }
            var items = TableWalk(table.engineTable)
            while let batch = try await items.next(engine, repair.additions) {
                answer.written += batch.count
                try await apply(batch)
            }
        } catch {
            throw DatabaseError(error)
        }
        return answer
    }

    private func apply(_ batch: WriteBatch) async throws(EngineError) {
        guard !batch.isEmpty else { return }
        try await engine.write(batch)
    }
}

/// Works out of one view what an index lacks and what it has too much.
private struct IndexRepair: Sendable {
    let table: TableDefinition

    /// Entries that every item should have and has not.
    @Sendable func additions(
        _ view: ReadView,
        _ items: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> WriteBatch {
        var batch = WriteBatch()
        for stored in items {
            let item = try decode(stored.value)
            for index in table.indexes where !index.isBackfilling {
                guard let entry = index.entry(of: item, table.key) else { continue }
                let held = try view.get(index.engineTable.id, entry.key)
                let same = try held.map { (bytes) throws(EngineError) in
                    try decode(bytes) == entry.item
                }
                guard same != true else { continue }
                batch.put(index.engineTable.id, entry.key, try encode(entry.item))
            }
        }
        return batch
    }

    /// Entries that no item implies.
    func removals(
        from index: IndexDefinition,
        _ view: ReadView,
        _ entries: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> WriteBatch {
        var batch = WriteBatch()
        for stored in entries {
            let key: Item
            do throws(ItemError) {
                key = try ItemDecoder.decode(stored.value).key(table.key)
            } catch {
                batch.delete(index.engineTable.id, index.engineTable.key(stored: stored.key))
                continue
            }
            let bytes = try view.get(table.engineTable.id, table.entryKey(key))
            let implied = try bytes.map { (bytes) throws(EngineError) in
                index.entry(of: try decode(bytes), table.key)?.key.bytes == stored.key
            }
            guard implied != true else { continue }
            batch.delete(index.engineTable.id, index.engineTable.key(stored: stored.key))
        }
        return batch
    }

    private func decode(_ bytes: [UInt8]) throws(EngineError) -> Item {
        do throws(ItemError) {
            return try ItemDecoder.decode(bytes)
        } catch {
            throw EngineError(.corrupted, "item of \(table.name): \(error.description)")
        }
    }

    private func encode(_ item: Item) throws(EngineError) -> [UInt8] {
        do throws(ItemError) {
            return try ItemEncoder.encode(item)
        } catch {
            throw EngineError(.corrupted, "item of \(table.name): \(error.description)")
        }
    }
}
