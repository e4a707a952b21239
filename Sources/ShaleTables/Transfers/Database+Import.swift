internal import ShaleEngine
public import ShaleItems
internal import ShalePlatform

/// A table that is being made of objects: nobody sees its items before all are there.
///
/// A crash or a close interrupts the import. The next opening removes the table, unless the import is to go on
/// (`DatabaseOptions.resumesImports`): then with an empty table of the same definition.
public struct ImportedTable: Sendable {
    let live: LiveTable
    /// The table as its users see it.
    public var table: TableDescription {
        live.definition.description(
            .creating,
            live.tallies(of: live.definition),
            at: live.definition.creationMilliseconds
        )
    }
}

extension Database {
    /// Makes the table for an import.
    ///
    /// - Throws: as `createTable`.
    public func beginImport(
        _ request: CreateTableRequest,
        _ identity: TransferIdentity
    ) async throws(DatabaseError) -> ImportedTable {
        let schema = try SchemaRules.check(request)
        let settings = try SettingsRules.settings(request)
        try catalog.reserve(request.tableName)
        do throws(EngineError) {
            var definition = try await makeTable(request, schema)
            definition.settings = settings
            definition.origin = TableOrigin(
                source: .imported(label: identity.label),
                tableName: request.tableName,
                milliseconds: definition.creationMilliseconds,
                isInProgress: true
            )
            let tallies = Array(repeating: Tally(), count: 1 + definition.indexes.count)
            try await catalog.write(definition, tallies)
            let live = LiveTable(definition, tallies, gates.gate(definition), gates.usage())
            catalog.install(live)
            return ImportedTable(live: live)
        } catch {
            catalog.remove(request.tableName)
            throw DatabaseError(error)
        }
    }

    /// Puts items into it; of two with the same key the later one stays.
    ///
    /// - Returns: how many are no items of this table, which are passed over, and what was wrong with the first.
    /// - Throws: `.internalFailure`.
    public func put(
        _ items: [Item],
        into imported: ImportedTable
    ) async throws(DatabaseError) -> (refused: Int, first: String?) {
        var refused = 0
        var first: String?
        var batch = WriteBatch()
        let version = imported.live.version
        for item in items {
            do throws(DatabaseError) {
                let write = try ItemWrite.put(item, version)
                guard case .put(_, let bytes) = write.change else { continue }
                batch.put(version.engineTable.id, write.entryKey, bytes)
            } catch {
                refused += 1
                first = first ?? error.message
            }
        }
        do throws(EngineError) {
            if !batch.isEmpty { try await engine.write(batch, .buffered) }
        } catch {
            throw DatabaseError(error)
        }
        return (refused, first)
    }

    /// Fills the indexes, and lets everybody use the table; durable when this answers.
    ///
    /// - Returns: items that it holds.
    /// - Throws: `.internalFailure`, also when the database is being closed.
    public func finishImport(_ imported: ImportedTable) async throws(DatabaseError) -> Int {
        do throws(EngineError) {
            let filling = RestoredIndexes(engine: engine, table: imported.live.definition)
            guard let tallies = try await filling.run() else {
                throw EngineError(.closed, "the database is being closed")
            }
            var definition = imported.live.definition
            definition.origin = nil
            try await catalog.write(definition, tallies)
            catalog.install(LiveTable(definition, tallies, gates.gate(definition), gates.usage()))
            return tallies[0].items
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Removes the table of an import that came to nothing.
    public func abandonImport(_ imported: ImportedTable) async throws(DatabaseError) {
        try await removeUnfinished(imported.live)
    }

    /// Removes tables whose imports were interrupted and will not go on.
    func removeInterruptedImports() async throws(DatabaseError) {
        for live in catalog.fillingTables {
            guard let identity = live.importIdentity else { continue }
            if options.resumesImports, catalog.transfers[identity] != nil { continue }
            try await removeUnfinished(live)
        }
    }

    /// The table of an import that was interrupted, empty again; nil if there is none any more.
    ///
    /// - Throws: `.internalFailure`.
    public func resumeImport(
        _ identity: TransferIdentity
    ) async throws(DatabaseError) -> ImportedTable? {
        guard let live = catalog.fillingTables.first(where: { $0.importIdentity == identity })
        else { return nil }
        do throws(EngineError) {
            var definition = live.definition
            let left = definition.engineTables
            definition.engineTable = try await engine.createTable()
            for index in definition.indexes.indices {
                definition.indexes[index].engineTable = try await engine.createTable()
            }
            let tallies = Array(repeating: Tally(), count: 1 + definition.indexes.count)
            try await catalog.write(definition, tallies)
            let empty = LiveTable(definition, tallies, gates.gate(definition), gates.usage())
            catalog.install(empty)
            for table in left { try await engine.dropTable(table) }
            return ImportedTable(live: empty)
        } catch {
            throw DatabaseError(error)
        }
    }

    private func removeUnfinished(_ live: LiveTable) async throws(DatabaseError) {
        do throws(EngineError) {
            try await catalog.erase(live.name)
            catalog.remove(live.name)
            for table in live.definition.engineTables { try await engine.dropTable(table) }
        } catch {
            throw DatabaseError(error)
        }
    }
}

extension LiveTable {
    /// The import that makes the table; nil where none does.
    fileprivate var importIdentity: TransferIdentity? {
        guard case .imported(let label) = definition.origin?.source else { return nil }
        return TransferIdentity(kind: .import, tableName: name, label: label)
    }
}
