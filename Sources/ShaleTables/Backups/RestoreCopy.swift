internal import ShaleEngine
internal import ShalePlatform

/// Copies the items of one table of the engine into another, which nobody else writes to.
///
/// Keys are hashed with a seed of each table, so they are made anew; values stay as they are. What is written is durable
/// when something after it is synced.
struct RestoreCopy: Sendable {
    let engine: Engine
    let source: EngineTable
    let target: EngineTable
    /// Told how many entries were copied.
    var note: (@Sendable (Int) -> Void)?

    /// Copies the entries of a checkpoint that lies in the database's directory.
    /// - Returns: whether all are copied; false when the task was cancelled.
    func entries(
        ofCheckpoint directory: String,
        _ readers: CheckpointReaders,
        _ world: World
    ) async throws(EngineError) -> Bool {
        let path = engine.directory + "/" + directory
        return try await readers.with(path, world) { checkpoint throws(EngineError) in
            guard let known = checkpoint.table(source.id) else {
                throw EngineError(.corrupted, file: directory, "the checkpoint has no \(source.id)")
            }
            var walk = TableWalk(known)
            let target = target
            while let batch = try await walk.next(
                checkpoint,
                { _, entries in
                    var batch = WriteBatch()
                    for entry in entries {
                        batch.put(target.id, target.key(stored: entry.key), entry.value)
                    }
                    return batch
                }
            ) {
                if Task.isCancelled { return false }
                if !batch.isEmpty { try await engine.write(batch, .buffered) }
                note?(batch.count)
            }
            return true
        }
    }

    /// Makes the writes again that followed a checkpoint, up to a time, in their order.
    /// - Returns: whether all are made; false when the task was cancelled.
    func writes(
        since position: LogPosition,
        through milliseconds: Int64
    ) async throws(EngineError) -> Bool {
        var history = try await engine.history(
            of: source.id,
            since: position,
            through: milliseconds
        )
        while let changes = try await history.next() {
            if Task.isCancelled { return false }
            // Of several writes to one key in a batch the last wins, as it should.
            var batch = WriteBatch()
            for change in changes {
                let key = target.key(stored: change.key)
                if let value = change.value {
                    batch.put(target.id, key, value)
                } else {
                    batch.delete(target.id, key)
                }
            }
            if !batch.isEmpty { try await engine.write(batch, .buffered) }
        }
        return true
    }
}
