internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// What was written to a table between two times: for exports of changes.
///
/// The log since a restore point is read once. Of each item that is written in it the last write before the span is
/// remembered, and the last one in it; so the restore point is asked only for items that were not written between it and the
/// span. The cost is that of the log and of the changes, not of the table.
extension Database {
    /// Finds what was written to a table in a span of its past; ends with `readPastChanges` or `leavePastChanges`.
    ///
    /// - Parameters:
    ///   - tableName: The table.
    ///   - first: From this time on: milliseconds since 1970-01-01 UTC.
    ///   - end: Before this time; nil is everything acknowledged until now.
    /// - Returns: what is to be read.
    /// - Throws: `.tableNotFound`, `.pointInTimeRecoveryUnavailable`, `.invalidRestoreTime`.
    public func findPastChanges(
        of tableName: String,
        from first: Int64,
        to end: Int64?
    ) async throws(DatabaseError) -> PastChanges {
        let live = try backedUpTable(tableName)
        let definition = live.definition
        // What is being forgotten now is not found.
        await catalog.backups.recoveryTurn.take()
        defer { catalog.backups.recoveryTurn.give() }
        guard let recovery = definition.recovery else {
            throw .noPast(of: tableName)
        }
        let latest = latestMilliseconds
        // What is of the latest time is before the next.
        guard first >= recovery.earliestMilliseconds(at: latest), first <= latest,
            end.map({ $0 > first && $0 <= latest + 1 }) ?? true
        else { throw .invalidRestoreTime }
        let points = catalog.backups.points.filter {
            $0.tables.contains(definition.engineTable.id)
        }
        // One of the very time may hold writes of the span already; where no other is, nothing before them is known.
        let point =
            points.last { $0.checkpoint.milliseconds < first }
            ?? points.last { $0.checkpoint.milliseconds <= first }
        guard let point else { throw .invalidRestoreTime }
        catalog.backups.beginReadingPast()
        return PastChanges(
            table: definition.description(.active, live.tallies(of: definition), at: latest),
            span: first..<(end ?? latest + 1),
            definition: definition,
            point: point
        )
    }

    /// Does not read them after all, or any more.
    public func leavePastChanges() { catalog.backups.endReadingPast() }

    /// Hands on the items that were written, some at a time; one that was made and deleted in the span is none.
    ///
    /// - Throws: what `page` throws; `.internalFailure`, also when the database is being closed.
    public func readPastChanges(
        _ changes: PastChanges,
        _ page: @escaping @Sendable ([PastChange]) async throws(DatabaseError) -> Void
    ) async throws(DatabaseError) {
        defer { leavePastChanges() }
        let answer: Result<Void, DatabaseError>
        do throws(EngineError) {
            let before = try await engine.createTable()
            let during = try await engine.createTable()
            do throws(EngineError) {
                let gathering = ChangeGathering(engine: engine, changes: changes)
                try await gathering.gather(before, during)
                let path = Engine.archiveName + "/" + changes.point.directory
                let directory = engine.directory + "/" + path
                answer = try await catalog.backups.readers.with(directory, world) {
                    checkpoint throws(EngineError) in
                    try await gathering.read(before, during, checkpoint, page)
                }
            } catch {
                answer = .failure(DatabaseError(error))
            }
            // A crash leaves them to the next opening.
            try await engine.dropTable(before.id)
            try await engine.dropTable(during.id)
        } catch {
            throw DatabaseError(error)
        }
        try answer.get()
    }
}

/// Gathers the last writes of a span and those before it, and puts them together.
private struct ChangeGathering: Sendable {
    /// Bytes of images that are handed on together, about.
    private static let pageSizeBytes = 1024 * 1024

    let engine: Engine
    let changes: PastChanges

    /// Fills two tables from the log.
    func gather(_ before: EngineTable, _ during: EngineTable) async throws(EngineError) {
        var history = try await engine.history(
            of: changes.definition.engineTable.id,
            since: changes.point.checkpoint.position,
            through: changes.span.upperBound - 1
        )
        while let writes = try await history.next() {
            try requireOpen()
            // Of several writes to one key in a batch the last wins, as it should.
            var batch = WriteBatch()
            for write in writes {
                let last = LastWrite(milliseconds: write.milliseconds, value: write.value)
                let target = write.milliseconds < changes.span.lowerBound ? before : during
                batch.put(target.id, target.key(stored: write.key), last.bytes)
            }
            if !batch.isEmpty { try await engine.write(batch, .buffered) }
        }
    }

    /// Hands on what they hold.
    func read(
        _ before: EngineTable,
        _ during: EngineTable,
        _ checkpoint: Engine,
        _ page: @Sendable ([PastChange]) async throws(DatabaseError) -> Void
    ) async throws(EngineError) -> Result<Void, DatabaseError> {
        guard let known = checkpoint.table(changes.definition.engineTable.id) else {
            let reason = "the checkpoint has no \(changes.definition.engineTable.id)"
            throw EngineError(.corrupted, file: changes.point.directory, reason)
        }
        var walk = TableWalk(during)
        do throws(DatabaseError) {
            var gathered: [PastChange] = []
            var sizeBytes = 0
            while let entries = try await step(&walk) {
                for entry in entries {
                    let old = try await old(entry.key, before, known, checkpoint)
                    guard let change = try change(entry.last, old) else { continue }
                    sizeBytes += (change.old?.count ?? 0) + (change.new?.count ?? 0)
                    gathered.append(change)
                    guard sizeBytes >= Self.pageSizeBytes else { continue }
                    try await page(gathered)
                    (gathered, sizeBytes) = ([], 0)
                }
            }
            if !gathered.isEmpty { try await page(gathered) }
        } catch {
            return .failure(error)
        }
        return .success(())
    }

    private func step(
        _ walk: inout TableWalk
    ) async throws(DatabaseError) -> [(key: [UInt8], last: LastWrite)]? {
        do throws(EngineError) {
            try requireOpen()
            return try await walk.next(engine) { _, entries throws(EngineError) in
                var writes: [(key: [UInt8], last: LastWrite)] = []
                for entry in entries { writes.append((entry.key, try LastWrite(entry.value))) }
                return writes
            }
        } catch {
            throw DatabaseError(error)
        }
    }

    /// The item of a key before the span.
    private func old(
        _ key: [UInt8],
        _ before: EngineTable,
        _ known: EngineTable,
        _ checkpoint: Engine
    ) async throws(DatabaseError) -> [UInt8]? {
        do throws(EngineError) {
            let written = try await engine.read { view throws(EngineError) in
                try view.get(before.id, before.key(stored: key))
            }
            if let written { return try LastWrite(written).value }
            return try await checkpoint.read { view throws(EngineError) in
                try view.get(known.id, known.key(stored: key))
            }
        } catch {
            throw DatabaseError(error)
        }
    }

    /// The change that a last write made of what was there; nil where nothing was, and nothing is.
    private func change(
        _ last: LastWrite,
        _ old: [UInt8]?
    ) throws(DatabaseError) -> PastChange? {
        guard let image = last.value ?? old else { return nil }
        let item = try StoredItem.decode(image)
        var keys = Item()
        for attribute in changes.definition.key.attributes {
            keys[attribute.name] = item[attribute.name]
        }
        return PastChange(
            keys: keys,
            old: old,
            new: last.value,
            milliseconds: last.milliseconds
        )
    }

    private func requireOpen() throws(EngineError) {
        if Task.isCancelled { throw EngineError(.closed, "the database is being closed") }
    }
}
