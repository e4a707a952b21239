internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// What bounds the past: restore points and archived log that no table's days reach back to go, and so do backups that
/// are over.
///
/// A restore point is made when the last is a day old, or so much log has been archived since that a restore would have
/// to read more of it than of items. So of each table there are at most its days and two restore points, and the log from
/// the oldest of them on.
extension Database {
    /// A restore point older than this is followed by the next.
    static let longestPointMilliseconds = RecoveryDefinition.dayMilliseconds
    /// Log behind the last restore point after which the next one is made, whatever the time.
    static let mostLogBehindPointBytes: UInt64 = 4 * 1024 * 1024 * 1024

    /// Whether there is anything that goes by the clock.
    var keepsPast: Bool {
        engine.isArchiving || catalog.backups.all.contains { $0.expiryMilliseconds != nil }
    }

    /// One round: makes what is due and forgets what is over.
    func keepPast() async throws(DatabaseError) {
        for backup in catalog.backups.all
        where backup.expiryMilliseconds.map({ $0 <= world.time.wallMilliseconds }) ?? false {
            do throws(DatabaseError) {
                _ = try await deleteBackup(backup.identity)
            } catch {
                // It goes when nobody restores from it any more.
                guard error.code == .backupInUse || error.code == .backupNotFound else {
                    throw error
                }
            }
        }
        guard engine.isArchiving else { return }
        await catalog.backups.recoveryTurn.take()
        defer { catalog.backups.recoveryTurn.give() }
        do throws(EngineError) {
            let keepers = catalog.tables.map(\.definition).filter { $0.recovery != nil }
            if !keepers.isEmpty, isPointDue(keepers) { _ = try await makePoint() }
            // A restore that begins now looks for its restore point after it has said so.
            if !catalog.backups.isPastRead { try await forgetPast(before: keepers) }
        } catch {
            throw DatabaseError(error)
        }
    }

    private func isPointDue(_ keepers: [TableDefinition]) -> Bool {
        guard let last = catalog.backups.points.last else { return true }
        let now = engine.clockMilliseconds
        let behind = engine.visiblePosition.rawValue - last.checkpoint.position.rawValue
        // Since then nothing was written but that checkpoint's own entry, and perhaps marks.
        guard behind > Self.leastLogBehindPointBytes else { return false }
        return now - last.checkpoint.milliseconds >= Self.longestPointMilliseconds
            || behind >= Self.mostLogBehindPointBytes
    }

    private static let leastLogBehindPointBytes: UInt64 = 64 * 1024

    private func forgetPast(before keepers: [TableDefinition]) async throws(EngineError) {
        let now = engine.clockMilliseconds
        let points = catalog.backups.points
        var needed: [RestorePoint] = []
        for point in points
        where keepers.contains(where: { point.isNeeded(by: $0, points, at: now) }) {
            needed.append(point)
        }
        for point in points where !needed.contains(point) {
            try await catalog.erase(SystemEntry.name(of: point))
            catalog.backups.remove(point)
            try await engine.removeCheckpoint(Engine.archiveName + "/" + point.directory)
        }
        if let oldest = needed.first {
            if needed.count < points.count {
                try await engine.trimArchive(before: oldest.checkpoint.position)
            }
        } else if keepers.isEmpty {
            try await engine.endArchiving()
        }
    }
}

extension RestorePoint {
    /// Whether a restore of a table could begin here: at the newest restore point that is older than all its days, and
    /// at every later one.
    fileprivate func isNeeded(
        by table: TableDefinition,
        _ points: [RestorePoint],
        at now: Int64
    ) -> Bool {
        guard let recovery = table.recovery, tables.contains(table.engineTable.id) else {
            return false
        }
        let earliest = recovery.earliestMilliseconds(at: now)
        let first = points.last {
            $0.tables.contains(table.engineTable.id) && $0.checkpoint.milliseconds <= earliest
        }
        return first.map { $0.checkpoint.position <= checkpoint.position } ?? true
    }
}
