internal import ShaleBytes
internal import Synchronization

/// What the engine has done since it was opened.
final class EngineCounters: Sendable {
    let writes = ShardedCount()
    let writtenBytes = ShardedCount()
    let reads = Atomic<Int>(0)
    let flushes = Atomic<Int>(0)
    let flushedBytes = Atomic<Int>(0)
    let compactions = Atomic<Int>(0)
    let compactedBytes = Atomic<Int>(0)
    let logMoves = Atomic<Int>(0)

    func didWrite(_ count: Int, _ bytes: Int) {
        writes.add(count)
        writtenBytes.add(bytes)
    }
}
