internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

extension Database {
    /// Makes a backup of a table: everything acknowledged until now is in it.
    ///
    /// It is a checkpoint of the table's part of the database: run files get a second name, so its time does not grow
    /// with the table; what is in memory is written to runs first. It is whole and durable when this answers.
    /// - Throws: `.tableNotFound`, `.tableInUse` while the table is being restored, `.internalFailure`.
    public func createBackup(
        _ tableName: String,
        name: String
    ) async throws(DatabaseError) -> BackupDescription {
        let live = try backedUpTable(tableName)
        let backup = try await makeBackup(of: live, named: name, .user)
        guard !live.isDeleted else {
            try await forget(backup)
            throw .noTable(tableName)
        }
        do throws(EngineError) {
            try await catalog.write(.backup(backup))
        } catch {
            throw DatabaseError(error)
        }
        catalog.backups.install(backup)
        return backup.description()
    }

    /// A backup.
    ///
    /// - Throws: `.backupNotFound`.
    public func describeBackup(
        _ identity: BackupIdentity
    ) throws(DatabaseError) -> BackupDescription {
        guard let backup = catalog.backups[identity] else { throw .noBackup(identity) }
        return backup.description()
    }

    /// One page of backups.
    ///
    /// - Throws: `.validation`.
    public func listBackups(
        _ request: ListBackupsRequest
    ) throws(DatabaseError) -> ListBackupsResponse {
        let limit = request.limit ?? TableLimits.namesPerPage
        guard limit >= 1, limit <= TableLimits.namesPerPage else {
            throw .validation("Limit must be from 1 to \(TableLimits.namesPerPage)")
        }
        let all = catalog.backups.all.filter { request.includes($0) }
        let page = all.prefix(limit)
        return ListBackupsResponse(
            backups: page.map { $0.description() },
            lastEvaluated: all.count > page.count ? page.last?.identity : nil
        )
    }

    /// Deletes a backup; answers its last description.
    ///
    /// - Throws: `.backupNotFound`, `.backupInUse` while somebody restores from it, `.internalFailure`.
    public func deleteBackup(
        _ identity: BackupIdentity
    ) async throws(DatabaseError) -> BackupDescription {
        guard let backup = catalog.backups[identity] else { throw .noBackup(identity) }
        guard catalog.backups.remove(identity) else { throw .backupInUse }
        do throws(EngineError) {
            try await catalog.erase(SystemEntry.name(of: identity))
        } catch {
            catalog.backups.install(backup)
            throw DatabaseError(error)
        }
        // What stays of it now is removed at the next opening.
        try await forget(backup)
        return backup.description(.deleted)
    }

    // MARK: Parts

    /// A table for a request that names it as those about backups do.
    func backedUpTable(_ tableName: String) throws(DatabaseError) -> LiveTable {
        do throws(DatabaseError) {
            return try catalog.table(tableName)
        } catch {
            guard catalog.fillingTable(tableName) == nil else {
                throw DatabaseError(.tableInUse, "Table is being created: \(tableName)")
            }
            throw .noTable(tableName)
        }
    }

    /// Makes the checkpoint, and the entry that is to be written.
    func makeBackup(
        of live: LiveTable,
        named name: String,
        _ type: BackupType
    ) async throws(DatabaseError) -> BackupDefinition {
        let definition = live.definition
        let now = world.time.wallMilliseconds
        let backup = BackupDefinition(
            identity: BackupIdentity(tableName: live.name, label: makeLabel(now)),
            name: name,
            type: type,
            createdMilliseconds: now,
            expiryMilliseconds: type == .system ? now + BackupDefinition.systemMilliseconds : nil,
            table: definition,
            tallies: live.tallies(of: definition)
        )
        do throws(EngineError) {
            try await engine.flushWritten()
            try await engine.checkpoint(
                to: backup.directory,
                inDirectoryOf: BackupDefinition.directoryName,
                of: [definition.engineTable.id]
            )
        } catch {
            throw DatabaseError(error)
        }
        return backup
    }

    /// Removes the checkpoint of a backup that is in no catalog.
    func forget(_ backup: BackupDefinition) async throws(DatabaseError) {
        do throws(EngineError) {
            try await engine.removeCheckpoint(backup.directory)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Milliseconds with 14 digits, and eight random hexadecimal ones.
    func makeLabel(_ milliseconds: Int64) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let random = UInt32(truncatingIfNeeded: world.randomness.next())
        return padded(String(milliseconds), 14) + "-" + padded(String(random, radix: 16), 8)
    }

    /// Removes checkpoints that no entry of the catalog names: what a crash has left.
    func removeLeftCheckpoints() async throws(DatabaseError) {
        let backups = Set(catalog.backups.all.map(\.identity.label))
        let points = Set(catalog.backups.points.map(\.directory))
        do throws(EngineError) {
            for name in try await engine.checkpoints(in: BackupDefinition.directoryName)
            where !backups.contains(name) {
                try await engine.removeCheckpoint(BackupDefinition.directoryName + "/" + name)
            }
            for name in try await engine.checkpoints(in: Engine.archiveName)
            where !points.contains(name) {
                try await engine.removeCheckpoint(Engine.archiveName + "/" + name)
            }
        } catch {
            throw DatabaseError(error)
        }
    }
}

extension ListBackupsRequest {
    fileprivate func includes(_ backup: BackupDefinition) -> Bool {
        if let tableName, !TextOrder.areEqual(backup.identity.tableName, tableName) { return false }
        if let type, backup.type != type { return false }
        if let since = sinceMilliseconds, backup.createdMilliseconds < since { return false }
        if let before = beforeMilliseconds, backup.createdMilliseconds >= before { return false }
        return exclusiveStart.map { $0 < backup.identity } ?? true
    }
}

extension DatabaseError {
    /// As requests about backups name a table that is not there.
    static func noTable(_ name: String) -> DatabaseError {
        DatabaseError(.tableNotFound, "Table not found: \(name)")
    }

    static func noBackup(_ identity: BackupIdentity) -> DatabaseError {
        DatabaseError(.backupNotFound, "Backup not found: \(identity.label)")
    }

    static let backupInUse = DatabaseError(
        .backupInUse,
        "There is another ongoing conflicting backup control plane operation on the table. The backup is "
            + "either being created, deleted or restored to a table."
    )
}
