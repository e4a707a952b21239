internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// Going back to any time of a table's past.
///
/// While any table keeps its past, the engine archives its log, and now and then a restore point is made of all that
/// do. A table at a time is: its entries in the newest restore point that is older, then its writes in the log from
/// there on, up to the last record of that time.
extension Database {
    /// Lets a table keep its past, or not any more.
    ///
    /// - Parameters:
    ///   - tableName: The table.
    ///   - days: How many days a restore can go back, from 1 to 35; nil keeps nothing.
    /// - Returns: how far back and forth it can be restored from now on.
    /// - Throws: `.tableNotFound`, `.tableInUse`, `.validation`, `.internalFailure`.
    public func updateContinuousBackups(
        _ tableName: String,
        recoveryDays days: Int?
    ) async throws(DatabaseError) -> ContinuousBackupsDescription {
        if let days, !RecoveryDefinition.dayRange.contains(days) {
            throw .validation(
                "1 validation error detected: Value '\(days)' at "
                    + "'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy "
                    + "constraint: Member must have value "
                    + (days < 1
                        ? "greater than or equal to 1" : "less than or equal to 35")
            )
        }
        let live = try backedUpTable(tableName)
        await catalog.backups.recoveryTurn.take()
        defer { catalog.backups.recoveryTurn.give() }
        await live.awaitChange()
        defer { live.endChange() }
        guard !live.isDeleted else { throw .noTable(tableName) }
        var definition = live.definition
        do throws(EngineError) {
            switch (definition.recovery, days) {
            case (nil, nil): break
            case (nil, let days?):
                let point = try await beginPast(with: definition.engineTable.id)
                definition.recovery = RecoveryDefinition(
                    days: days,
                    sinceMilliseconds: point.checkpoint.milliseconds
                )
            case (let recovery?, let days?):
                // What is older than the days until now may be forgotten already: more days bring none of it back.
                definition.recovery = RecoveryDefinition(
                    days: days,
                    sinceMilliseconds: recovery.earliestMilliseconds(at: latestMilliseconds)
                )
            case (_?, nil): definition.recovery = nil
            }
            if definition != live.definition {
                try await catalog.write(definition, live.tallies(of: definition))
                await live.publish(definition)
                startHousekeeping()
            }
        } catch {
            throw DatabaseError(error)
        }
        return describe(definition)
    }

    /// How far back and forth a table can be restored.
    ///
    /// - Throws: `.tableNotFound`.
    public func describeContinuousBackups(
        _ tableName: String
    ) throws(DatabaseError) -> ContinuousBackupsDescription {
        if let filling = catalog.fillingTable(tableName) { return describe(filling.definition) }
        return describe(try backedUpTable(tableName).definition)
    }

    private func describe(_ table: TableDefinition) -> ContinuousBackupsDescription {
        guard let recovery = table.recovery else { return ContinuousBackupsDescription() }
        let latest = latestMilliseconds
        // Whole seconds, since that is what clients can ask for, and both inside of what they may ask for.
        let earliest = (recovery.earliestMilliseconds(at: latest) + 999) / 1_000 * 1_000
        return ContinuousBackupsDescription(
            recoveryDays: recovery.days,
            earliestMilliseconds: earliest,
            latestMilliseconds: max(earliest, latest / 1_000 * 1_000)
        )
    }

    /// Everything acknowledged by now is of this time or an older one; while the archive fails, time stands still.
    var latestMilliseconds: Int64 { engine.archiveFailedMilliseconds ?? engine.clockMilliseconds }

    /// Makes a table with the items that another had at a time.
    ///
    /// - Throws: `.tableNotFound`, `.pointInTimeRecoveryUnavailable`, `.invalidRestoreTime`, `.tableAlreadyExists`,
    ///   `.validation`, `.internalFailure`.
    public func restoreTable(
        _ sourceName: String,
        at time: RestoreTime,
        to tableName: String,
        _ overrides: RestoreOverrides = RestoreOverrides()
    ) async throws(DatabaseError) -> TableDescription {
        try SchemaRules.checkName(tableName, "targetTableName", "TargetTableName")
        let live = try backedUpTable(sourceName)
        let definition = live.definition
        let (point, milliseconds) = try await beginReadingPast(of: definition, at: time)
        do throws(DatabaseError) {
            let origin = TableOrigin(
                source: .past(definition.engineTable, point: point.checkpoint.position),
                tableName: sourceName,
                milliseconds: milliseconds,
                isInProgress: true
            )
            return try await beginRestore(of: definition, to: tableName, overrides, origin)
        } catch {
            catalog.backups.endReadingPast()
            throw error
        }
    }

    /// Finds a table's past at a time; nothing of it is forgotten before `endReadingPast`.
    func beginReadingPast(
        of table: TableDefinition,
        at time: RestoreTime
    ) async throws(DatabaseError) -> (RestorePoint, milliseconds: Int64) {
        // What is being forgotten now is not found.
        await catalog.backups.recoveryTurn.take()
        defer { catalog.backups.recoveryTurn.give() }
        let past = try past(of: table, at: time)
        catalog.backups.beginReadingPast()
        return past
    }

    /// The restore point from which a table's past at a time is found, and that time.
    private func past(
        of table: TableDefinition,
        at time: RestoreTime
    ) throws(DatabaseError) -> (RestorePoint, milliseconds: Int64) {
        guard let recovery = table.recovery else {
            throw .noPast(of: table.name)
        }
        let latest = latestMilliseconds
        let milliseconds: Int64
        switch time {
        case .latest: milliseconds = latest
        case .at(let asked):
            guard asked >= recovery.earliestMilliseconds(at: latest), asked <= latest else {
                throw .invalidRestoreTime
            }
            milliseconds = asked
        }
        let point = catalog.backups.points.last { point in
            point.checkpoint.milliseconds <= milliseconds
                && point.tables.contains(table.engineTable.id)
        }
        guard let point else { throw .invalidRestoreTime }
        return (point, milliseconds)
    }

    /// Begins to keep the past, if nobody's is kept yet, and makes a restore point with one table more.
    private func beginPast(with table: TableID) async throws(EngineError) -> RestorePoint {
        if !engine.isArchiving { try await engine.beginArchiving() }
        return try await makePoint(with: [table])
    }

    /// Makes a restore point now: for tests that want many.
    package func makeRestorePoint() async throws(DatabaseError) {
        guard engine.isArchiving else { return }
        await catalog.backups.recoveryTurn.take()
        defer { catalog.backups.recoveryTurn.give() }
        do throws(EngineError) {
            _ = try await makePoint()
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Makes a restore point of all tables that keep their past.
    func makePoint(with more: Set<TableID> = []) async throws(EngineError) -> RestorePoint {
        let keepers = catalog.tables.map(\.definition).filter { $0.recovery != nil }
        let tables = more.union(keepers.map(\.engineTable.id))
        try await engine.flushWritten()
        // Its place is known when it is made: so it is made under another name.
        let temporary = Engine.archiveName + "/" + RestorePoint.prefix + "new"
        try await engine.removeCheckpoint(temporary)
        let checkpoint = try await engine.checkpoint(
            to: temporary,
            inDirectoryOf: Engine.archiveName,
            of: tables
        )
        let point = RestorePoint(checkpoint: checkpoint, tables: tables.sorted())
        try await engine.renameCheckpoint(temporary, to: Engine.archiveName + "/" + point.directory)
        try await catalog.write(.point(point))
        catalog.backups.install(point)
        return point
    }
}

extension DatabaseError {
    static func noPast(of tableName: String) -> DatabaseError {
        DatabaseError(
            .pointInTimeRecoveryUnavailable,
            "Point in time recovery is not enabled for table '\(tableName)'"
        )
    }

    static let invalidRestoreTime = DatabaseError(
        .invalidRestoreTime,
        "An invalid restore time was specified. RestoreDateTime must be between "
            + "EarliestRestorableDateTime and LatestRestorableDateTime."
    )
}
