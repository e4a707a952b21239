internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Puts the batches of the log into the memtables of the partitions that have not flushed them.
///
/// Several threads may, each a piece of the log of its own.
final class Replay: Sendable {
    private let map: PartitionMap
    private let failed = Mutex<(position: LogPosition, error: EngineError)?>(nil)

    init(into map: PartitionMap) { self.map = map }

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

    private func fail(_ position: LogPosition) {
        let error = EngineError(
            .corrupted,
            "the log record at \(position) is whole but not a batch"
        )
        failed.withLock { failed in
            if failed.map({ position < $0.position }) ?? true { failed = (position, error) }
        }
    }
}
