internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

/// Restoring: a new table is made at once and shown as being created; its items are copied in the background.
///
/// A crash, or a close, loses nothing of it: the next opening copies anew, over what is there already (what was copied is
/// of the same source, and the writes that follow it are made again in their order).
extension Database {
    /// Makes a table with the items of a backup.
    ///
    /// - Throws: `.backupNotFound`, `.tableAlreadyExists`, `.validation`, `.internalFailure`.
    public func restoreTable(
        from identity: BackupIdentity,
        to tableName: String,
        _ overrides: RestoreOverrides = RestoreOverrides()
    ) async throws(DatabaseError) -> TableDescription {
        try SchemaRules.checkName(tableName, "targetTableName", "TargetTableName")
        guard let backup = catalog.backups.beginReading(identity) else { throw .noBackup(identity) }
        let origin = TableOrigin(
            source: .backup(identity),
            tableName: identity.tableName,
            milliseconds: backup.createdMilliseconds,
            isInProgress: true
        )
        do throws(DatabaseError) {
            return try await beginRestore(of: backup.table, to: tableName, overrides, origin)
        } catch {
            catalog.backups.endReading(identity)
            throw error
        }
    }

    /// Makes the table, and begins to copy.
    func beginRestore(
        of source: TableDefinition,
        to tableName: String,
        _ overrides: RestoreOverrides,
        _ origin: TableOrigin
    ) async throws(DatabaseError) -> TableDescription {
        let rules = RestoreRules(
            source: source,
            overrides: overrides,
            now: world.time.wallMilliseconds
        )
        var definition = try rules.definition(named: tableName, id: makeUUID())
        definition.origin = origin
        do throws(DatabaseError) {
            try catalog.reserve(tableName)
        } catch {
            throw DatabaseError(.tableAlreadyExists, "Table already exists: \(tableName)")
        }
        do throws(EngineError) {
            definition.engineTable = try await engine.createTable()
            for index in definition.indexes.indices {
                definition.indexes[index].engineTable = try await engine.createTable()
            }
            let tallies = Array(repeating: Tally(), count: 1 + definition.indexes.count)
            try await catalog.write(definition, tallies)
            let live = LiveTable(definition, tallies, gates.gate(definition), gates.usage())
            catalog.install(live)
            startRestore(live)
            return definition.description(
                .creating,
                tallies,
                at: world.time.wallMilliseconds
            )
        } catch {
            catalog.remove(tableName)
            throw DatabaseError(error)
        }
    }

    /// Whether the copying of a table's items has failed, and is not under way.
    public func hasFailed(_ tableName: String) -> Bool {
        catalog.fillingTable(tableName)?.hasFailed ?? false
    }

    /// Copies anew what was not finished when the database was closed.
    func resumeRestores() {
        for live in catalog.fillingTables {
            switch live.definition.origin?.source {
            case .backup(let identity): _ = catalog.backups.beginReading(identity)
            case .past: catalog.backups.beginReadingPast()
            case .imported, nil: continue
            }
            startRestore(live)
        }
    }

    /// Copies in the background; who reads the source has been noted.
    private func startRestore(_ live: LiveTable) {
        let table = live.definition.engineTable.id
        let task = Task(executorPreference: world.scheduler.taskExecutor) {
            await self.restore(live)
            switch live.definition.origin?.source {
            case .backup(let identity): self.catalog.backups.endReading(identity)
            case .past: self.catalog.backups.endReadingPast()
            case .imported, nil: break
            }
            self.backfills.withLock { _ = $0.removeValue(forKey: table) }
        }
        backfills.withLock { $0[table] = task }
    }

    private func restore(_ live: LiveTable) async {
        do throws(EngineError) {
            guard try await copyItems(to: live) else { return }
            let filling = RestoredIndexes(engine: engine, table: live.definition)
            guard let tallies = try await filling.run() else { return }
            var definition = live.definition
            definition.origin?.isInProgress = false
            // Synced, and with it everything that was copied: it is before this in the log.
            try await catalog.write(definition, tallies)
            catalog.install(LiveTable(definition, tallies, gates.gate(definition), gates.usage()))
            options.onEvent?(.tableRestored(table: live.name))
        } catch {
            live.noteFailure()
            options.onEvent?(.restoreFailed(table: live.name, DatabaseError(error)))
        }
    }

    /// - Returns: whether all are copied; false when the task was cancelled.
    private func copyItems(to live: LiveTable) async throws(EngineError) -> Bool {
        let table = live.definition
        guard let origin = table.origin else { return true }
        // Until it is known better: for who looks how far it is.
        let note: @Sendable (Int) -> Void = { count in
            live.count(table.engineTable.id, Tally(items: count, bytes: 0))
        }
        switch origin.source {
        case .imported: preconditionFailure("an import does not go on by itself")
        case .backup(let identity):
            guard let backup = catalog.backups[identity] else {
                throw EngineError(
                    .corrupted,
                    file: BackupDefinition.directoryName + "/" + identity.label,
                    "a table is being restored from this backup, which the catalog does not have"
                )
            }
            let copy = RestoreCopy(
                engine: engine,
                source: backup.table.engineTable,
                target: table.engineTable,
                note: note
            )
            return try await copy.entries(
                ofCheckpoint: backup.directory,
                catalog.backups.readers,
                world
            )
        case .past(let source, let point):
            let copy = RestoreCopy(
                engine: engine,
                source: source,
                target: table.engineTable,
                note: note
            )
            let name = RestorePoint(
                checkpoint: Checkpoint(position: point, milliseconds: 0),
                tables: []
            ).directory
            let directory = Engine.archiveName + "/" + name
            guard
                try await copy.entries(ofCheckpoint: directory, catalog.backups.readers, world)
            else { return false }
            return try await copy.writes(since: point, through: origin.milliseconds)
        }
    }
}
