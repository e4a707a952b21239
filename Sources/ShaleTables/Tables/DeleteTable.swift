internal import ShaleEngine
internal import ShalePlatform

extension Database {
    /// Deletes a table with all its items and indexes; answers its last description.
    ///
    /// - Throws: `.resourceNotFound`, `.validation` when it is protected, `.resourceInUse` when it is
    ///   being changed, `.internalFailure`.
    public func deleteTable(
        _ tableName: String
    ) async throws(DatabaseError) -> TableDescription {
        let failed = catalog.fillingTable(tableName).flatMap { $0.hasFailed ? $0 : nil }
        let table = if let failed { failed } else { try describedTable(tableName) }
        try await table.beginChange()
        defer { table.endChange() }
        // Whoever deleted it meanwhile may have left its name to another table.
        guard !table.isDeleted else { throw .tableNotFound(tableName) }
        let definition = table.definition
        guard !definition.deletionProtection else {
            throw .validation(
                "Resource cannot be deleted as it is currently protected against deletion. Disable "
                    + "deletion protection first."
            )
        }
        // What kept its past leaves a backup.
        let backup =
            definition.recovery == nil
            ? nil
            : try await makeBackup(of: table, named: "\(tableName)$DeletedTableBackup", .system)
        do throws(EngineError) {
            var after = definition
            after.stream = nil
            let stream = try await switchStream(&after, from: definition)
            try await catalog.erase(tableName, stream, leaving: backup)
            if let backup { catalog.backups.install(backup) }
            catalog.remove(tableName)
            await table.retire()
            retiredUsage.add(table.usages(isGone: true))
            if let stream { catalog.streams.install(stream) }
            if let expiry = definition.timeToLive {
                try await engine.dropTable(expiry.engineTable.id)
            }
            for index in definition.indexes {
                stopBackfill(index.engineTable.id)
                try await engine.dropTable(index.engineTable.id)
            }
            try await engine.dropTable(definition.engineTable.id)
        } catch {
            throw DatabaseError(error)
        }
        return definition.description(
            .deleting,
            table.tallies(of: definition),
            at: world.time.wallMilliseconds
        )
    }
}
