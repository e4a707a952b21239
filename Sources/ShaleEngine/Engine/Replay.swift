internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Puts the batches of the log into the memtables of the partitions that have not flushed them.
///
/// Several threads may, each a piece of the log of its own.
final class Replay: Sendable {
    private let map: PartitionMap
    private let manifest: ManifestReader
    private let failed = Mutex<(position: LogPosition, error: EngineError)?>(nil)

    /// The map is that of the manifest.
    init(into map: PartitionMap, _ manifest: ManifestReader) {
        self.map = map
        self.manifest = manifest
    }

    /// What was wrong with the oldest batch that was wrong.
    var failure: EngineError? { failed.withLock { $0?.error } }

    /// A write whose place in the memtable was asked for.
    private struct Pending {
        var write: BatchReader.Write
        var hash: UInt64
        var position: LogPosition
    }

    /// Writes that are under way together, so that they wait for memory at the same time.
    private static let pendingCount = 16

    /// Replays the batches of a piece.
    func add(_ piece: ReplayPiece) {
        var pending: [Pending] = []
        pending.reserveCapacity(Self.pendingCount)
        // Nothing is lent beyond the call: a piece keeps its bytes until it has been replayed.
        piece.forEachBatch { position, payload in
            var reader = BatchReader(payload: payload)
            while let write = reader.next() {
                if write.table >= manifest.state.next.table { fail(position, unknown: write.table) }
                guard write.ordinal == nil else {
                    insert(stamped: write, at: position)
                    continue
                }
                let hash = RunFormat.keyHash(write.key.span)
                map.withPartition(write.table, write.key) { partition in
                    guard position >= partition.flushedThrough else { return }
                    partition.active.prefetch(write.key, keyHash: hash)
                    pending.append(Pending(write: write, hash: hash, position: position))
                }
                if pending.count == Self.pendingCount { insert(&pending) }
            }
            if !reader.isWhole { fail(position) }
        }
        insert(&pending)
    }

    private func insert(_ pending: inout [Pending]) {
        for each in pending {
            map.withPartition(each.write.table, each.write.key) { partition in
                _ = partition.active.add(
                    each.write.key,
                    keyHash: each.hash,
                    each.write.value,
                    at: each.position,
                    // Nobody reads yet: of each key the newest version is enough.
                    horizon: { LogPosition(UInt64(Int64.max)) }
                )
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// A write whose key is put together here, and must not be lent beyond that.
    private func insert(stamped write: BatchReader.Write, at position: LogPosition) {
        write.withKey(at: position) { key in
            let hash = RunFormat.keyHash(key.span)
            map.withPartition(write.table, key) { partition in
                guard position >= partition.flushedThrough else { return }
                _ = partition.active.add(
                    key,
                    keyHash: hash,
                    write.value,
                    at: position,
                    horizon: { LogPosition(UInt64(Int64.max)) }
                )
            }
        }
    }

    private func fail(_ position: LogPosition) {
        fail(
            position,
            EngineError(.corrupted, "the log record at \(position) is whole but not a batch")
        )
    }

    /// A table is in the manifest, synced, before the first write to it, and numbers are never used twice:
    /// so it is no table that was dropped, and the manifest has lost its end.
    private func fail(_ position: LogPosition, unknown table: TableID) {
        let reason =
            "the log record at \(position) writes to \(table), which the manifest has never heard of: "
            + "the manifest is damaged here; `shale salvage` copies what is whole"
        let file = ManifestFormat.fileName
        fail(position, EngineError(.corrupted, file: file, offset: manifest.end, reason))
    }

    private func fail(_ position: LogPosition, _ error: EngineError) {
        failed.withLock { failed in
            if failed.map({ position < $0.position }) ?? true { failed = (position, error) }
        }
    }
}
