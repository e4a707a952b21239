internal import ShalePlatform
internal import Synchronization

/// Blocks of run files in memory, by file and offset; bounded in bytes.
///
/// Cut into shards, each behind its own lock, which is held for a table look-up and no longer. The
/// shards decide on admission and eviction alone (`BlockCacheShard`). Files are immutable and their
/// numbers are never reused, so an entry can never be stale; `removeAll(of:)` only gives memory back.
final class BlockCache: Sendable {
    /// Where a block comes from.
    struct Key: Hashable, Sendable {
        let file: FileNumber
        let offset: UInt64

        init(_ file: FileNumber, _ offset: UInt64) {
            self.file = file
            self.offset = offset
        }

        /// Spreads keys over shards and ghosts, the same in every process.
        var mixed: UInt64 { FilterFormat.mix(file.rawValue &* 0x9E37_79B9_7F4A_7C15 ^ offset) }
    }

    /// What the cache did since it was made, and what it holds.
    struct Statistics: Hashable, Sendable {
        var hits = 0
        var misses = 0
        var insertions = 0
        var evictions = 0
        var blockCount = 0
        var bytes = 0
        var capacityBytes = 0
    }

    /// Enough that two threads seldom meet, few enough that a shard holds large blocks.
    static let shardCount = 16

    /// A lock of its own for each shard, and a reference so that locks are not neighbours.
    private final class Shard: Sendable {
        let state: Mutex<BlockCacheShard>
        init(capacityBytes: Int) { state = Mutex(BlockCacheShard(capacityBytes: capacityBytes)) }
    }

    private let shards: [Shard]
    private let budget: MemoryBudget?

    /// An empty cache of so many bytes, which are counted in `budget`.
    init(capacityBytes: Int, budget: MemoryBudget? = nil) {
        self.budget = budget
        precondition(capacityBytes >= 0, "a capacity is not negative")
        shards = (0..<Self.shardCount).map { _ in
            Shard(capacityBytes: capacityBytes / Self.shardCount)
        }
    }

    deinit { budget?.subtract(statistics.bytes, from: .blockCache) }

    private func shard(of key: Key) -> Shard {
        shards[Int(truncatingIfNeeded: key.mixed >> 32) & (Self.shardCount - 1)]
    }

    /// The block, if it is in memory.
    func block(_ key: Key) -> CachedBlock? {
        shard(of: key).state.withLock { $0.find(key) }
    }

    /// Keeps a block that was read.
    ///
    /// If another thread was faster, the answer is its block.
    @discardableResult
    func insert(_ block: CachedBlock, for key: Key) -> CachedBlock {
        change(shard(of: key)) { $0.insert(block, for: key) }
    }

    /// Changes a shard, and tells the budget by how much it grew or shrank: under the lock, so that
    /// nothing is given back before it was counted.
    private func change<Answer: Sendable>(
        _ shard: Shard,
        _ body: (inout BlockCacheShard) -> Answer
    ) -> Answer {
        shard.state.withLock { state in
            let before = state.statistics.bytes
            let answer = body(&state)
            let growth = state.statistics.bytes - before
            if growth > 0 { budget?.add(growth, to: .blockCache) }
            if growth < 0 { budget?.subtract(-growth, from: .blockCache) }
            return answer
        }
    }

    /// Forgets all blocks of a file that was removed.
    /// - Complexity: O(blocks in the cache).
    func removeAll(of file: FileNumber) {
        for shard in shards { change(shard) { $0.removeAll(of: file) } }
    }

    /// Changes the bound; evicts at once what is over it.
    func setCapacity(_ bytes: Int) {
        precondition(bytes >= 0, "a capacity is not negative")
        for shard in shards { change(shard) { $0.setCapacity(bytes / Self.shardCount) } }
    }

    /// Sums over all shards; not one moment, but every part of it was true.
    var statistics: Statistics {
        var sum = Statistics()
        for shard in shards {
            let part = shard.state.withLock { $0.statistics }
            sum.hits += part.hits
            sum.misses += part.misses
            sum.insertions += part.insertions
            sum.evictions += part.evictions
            sum.blockCount += part.blockCount
            sum.bytes += part.bytes
            sum.capacityBytes += part.capacityBytes
        }
        return sum
    }
}
