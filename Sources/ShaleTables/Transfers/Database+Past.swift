internal import ShaleEngine
internal import ShalePlatform

/// A table at a time of its past, which stays until it was read.
public struct PastTable: Sendable {
    /// The table as it is now.
    public let table: TableDescription
    /// The time: milliseconds since 1970-01-01 UTC.
    public let milliseconds: Int64
    let source: EngineTable
    let start: Start

    /// Where its items are.
    enum Start {
        /// In a restore point, and in the writes that follow it.
        case point(RestorePoint)
        /// In a restore point that was made at that very time.
        case whole(RestorePoint)
        /// In a checkpoint that goes when it was read; a crash leaves what the next opening removes.
        case own(directory: String)
    }
}

extension Database {
    /// Finds a table at a time of its past; ends with `readPast` or `leavePast`.
    ///
    /// - Throws: `.tableNotFound`, `.pointInTimeRecoveryUnavailable`, `.invalidRestoreTime`, `.internalFailure`.
    public func findPast(
        of tableName: String,
        at time: RestoreTime
    ) async throws(DatabaseError) -> PastTable {
        let live = try backedUpTable(tableName)
        let definition = live.definition
        let (point, milliseconds) = try await beginReadingPast(of: definition, at: time)
        let table = definition.description(
            .active,
            live.tallies(of: definition),
            at: milliseconds
        )
        let source = definition.engineTable
        guard time == .latest else {
            return PastTable(
                table: table,
                milliseconds: milliseconds,
                source: source,
                start: .point(point)
            )
        }
        // Of what is newest a checkpoint is made, and no write need be made again.
        await catalog.backups.recoveryTurn.take()
        defer { catalog.backups.recoveryTurn.give() }
        do throws(EngineError) {
            let newest = try await makePoint()
            return PastTable(
                table: table,
                milliseconds: newest.checkpoint.milliseconds,
                source: source,
                start: .whole(newest)
            )
        } catch {
            catalog.backups.endReadingPast()
            throw DatabaseError(error)
        }
    }

    /// A table as it is now, whether it keeps its past or not; ends with `readPast` or `leavePast`.
    ///
    /// - Throws: `.tableNotFound`, `.internalFailure`.
    public func findPresent(of tableName: String) async throws(DatabaseError) -> PastTable {
        let live = try backedUpTable(tableName)
        let backup = try await makeBackup(of: live, named: tableName, .user)
        return PastTable(
            table: backup.table.description(
                .active,
                backup.tallies,
                at: backup.createdMilliseconds
            ),
            milliseconds: backup.createdMilliseconds,
            source: backup.table.engineTable,
            start: .own(directory: backup.directory)
        )
    }

    /// Does not read it after all, or any more.
    public func leavePast(_ past: PastTable) async throws(DatabaseError) {
        guard case .own(let directory) = past.start else {
            return catalog.backups.endReadingPast()
        }
        do throws(EngineError) {
            try await engine.removeCheckpoint(directory)
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Hands on the stored bytes of all its items, some at a time.
    ///
    /// A time between two checkpoints is put together in a table that nobody sees, and that is dropped afterwards.
    /// - Throws: what `page` throws; `.internalFailure`, also when the database is being closed.
    public func readPast(
        _ past: PastTable,
        _ page: @escaping @Sendable ([[UInt8]]) async throws(DatabaseError) -> Void
    ) async throws(DatabaseError) {
        let answer: Result<Void, DatabaseError>
        do throws(EngineError) {
            answer =
                switch past.start {
                case .own(let directory):
                    try await readCheckpoint(directory, past.source, page)
                case .whole(let point):
                    try await readCheckpoint(
                        Engine.archiveName + "/" + point.directory,
                        past.source,
                        page
                    )
                case .point(let point): try await readTogether(past, point, page)
                }
        } catch {
            answer = .failure(DatabaseError(error))
        }
        try await leavePast(past)
        try answer.get()
    }

    private func readCheckpoint(
        _ path: String,
        _ source: EngineTable,
        _ page: @escaping @Sendable ([[UInt8]]) async throws(DatabaseError) -> Void
    ) async throws(EngineError) -> Result<Void, DatabaseError> {
        let directory = engine.directory + "/" + path
        return try await catalog.backups.readers.with(directory, world) {
            checkpoint throws(EngineError) in
            try await Self.read(source, of: checkpoint, page)
        }
    }

    private func readTogether(
        _ past: PastTable,
        _ point: RestorePoint,
        _ page: @escaping @Sendable ([[UInt8]]) async throws(DatabaseError) -> Void
    ) async throws(EngineError) -> Result<Void, DatabaseError> {
        let target = try await engine.createTable()
        let answer: Result<Void, DatabaseError>
        do throws(EngineError) {
            answer = try await putTogether(past, point, in: target, page)
        } catch {
            answer = .failure(DatabaseError(error))
        }
        try await engine.dropTable(target.id)
        return answer
    }

    private func putTogether(
        _ past: PastTable,
        _ point: RestorePoint,
        in target: EngineTable,
        _ page: @escaping @Sendable ([[UInt8]]) async throws(DatabaseError) -> Void
    ) async throws(EngineError) -> Result<Void, DatabaseError> {
        let copy = RestoreCopy(engine: engine, source: past.source, target: target)
        let path = Engine.archiveName + "/" + point.directory
        guard try await copy.entries(ofCheckpoint: path, catalog.backups.readers, world),
            try await copy.writes(
                since: point.checkpoint.position,
                through: past.milliseconds
            )
        else { throw EngineError(.closed, "the database is being closed") }
        return try await Self.read(target, of: engine, page)
    }

    private static func read(
        _ table: EngineTable,
        of engine: Engine,
        _ page: @Sendable ([[UInt8]]) async throws(DatabaseError) -> Void
    ) async throws(EngineError) -> Result<Void, DatabaseError> {
        var walk = TableWalk(table)
        while let values = try await walk.next(engine, { _, entries in entries.map(\.value) }) {
            if Task.isCancelled { throw EngineError(.closed, "the database is being closed") }
            do throws(DatabaseError) {
                try await page(values)
            } catch {
                return .failure(error)
            }
        }
        return .success(())
    }
}
