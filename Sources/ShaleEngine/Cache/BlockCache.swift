internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Blocks of run files in memory, by file and offset; bounded in bytes.
///
/// A look-up takes no lock and counts no reference: it walks a bucket of `FrameIndex`, and what it finds
/// is valid for as long as the caller's slot is taken. Changes go through shards, each behind its own lock,
/// which decide on admission and eviction (`BlockCacheShard`); evicted frames are freed by
/// `Retirement` when no reader can see them. Files are immutable and their numbers are never reused, so an
/// entry can never be stale; `removeAll(of:)` only gives memory back.
final class BlockCache: Sendable {
    /// Where a block comes from: the file's number in the upper half, the offset in the lower one.
    struct Key: Hashable, Sendable {
        let rawValue: UInt64

        /// Nil for a place that the number cannot name; its block is not cached.
        init?(_ file: FileNumber, _ offset: UInt64) {
            guard file.rawValue <= UInt64(UInt32.max), offset <= UInt64(UInt32.max) else {
                return nil
            }
            rawValue = file.rawValue << 32 | offset
        }

        init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Whether the block is of this file.
        func isOf(_ file: FileNumber) -> Bool { rawValue >> 32 == file.rawValue }

        /// Spreads keys over shards, buckets and ghosts, the same in every process.
        @inline(__always)
        var mixed: UInt64 { FilterFormat.mix(rawValue) }
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
    /// Values of which fewer fit into a shard are not kept.
    private static let valuesPerShard = 32
    /// At most a bucket for so many bytes: about one block each.
    private static let bytesPerBucket = 4096

    /// A lock of its own for each shard, and a reference so that locks are not neighbours.
    private final class Shard: Sendable {
        let frames: FrameIndex
        let state: Mutex<BlockCacheShard>

        init(capacityBytes: Int) {
            frames = FrameIndex(bucketsUpTo: capacityBytes / BlockCache.bytesPerBucket) {
                FilterFormat.mix($0)
            }
            state = Mutex(BlockCacheShard(capacityBytes: capacityBytes))
        }
    }

    private let shards: UnretainedArray<Shard>
    private let capacityBytes: Atomic<Int>
    /// Readers of blocks hold a slot here.
    let slots: EpochSlots
    private let retirement: Retirement
    private let budget: MemoryBudget?
    /// Takes the time of reads that found nothing here.
    let durations: DurationClock?

    /// An empty cache of so many bytes, which are counted in `budget`.
    init(
        capacityBytes: Int,
        slots: EpochSlots = EpochSlots(),
        budget: MemoryBudget? = nil,
        durations: DurationClock? = nil
    ) {
        self.durations = durations
        precondition(capacityBytes >= 0, "a capacity is not negative")
        self.budget = budget
        self.slots = slots
        self.capacityBytes = Atomic(capacityBytes)
        retirement = Retirement(slots)
        shards = UnretainedArray(
            (0..<Self.shardCount).map { _ in Shard(capacityBytes: capacityBytes / Self.shardCount) }
        )
    }

    deinit {
        budget?.subtract(statistics.bytes, from: .blockCache)
        for index in 0..<shards.count {
            shards.with(index) { shard in
                for frame in shard.state.withLock({ $0.takeAll() }) { frame.free() }
            }
        }
    }

    @inline(__always)
    private func shardIndex(_ mixed: UInt64) -> Int {
        Int(truncatingIfNeeded: mixed >> 48) & (Self.shardCount - 1)
    }

    /// Whether a large value is kept: one that takes more than a small part of a shard is read again
    /// instead, so that a few of them do not push out what many reads need.
    func keepsValue(_ sizeBytes: Int) -> Bool {
        sizeBytes <= capacityBytes.load(ordering: .relaxed)
            / (Self.shardCount * Self.valuesPerShard)
    }

    /// The block, if it is in memory; lent to whoever holds a slot.
    @inline(__always)
    func find(_ key: Key) -> Frame? {
        let mixed = key.mixed
        let frame = shards.with(shardIndex(mixed)) { $0.frames.find(key.rawValue, mixed: mixed) }
        slots.count(found: frame != nil)
        guard let frame else { return nil }
        frame.prefetchBody()
        frame.noteHit()
        return frame
    }

    /// Whether a block is in memory; not a use of it.
    func has(_ key: Key) -> Bool {
        let mixed = key.mixed
        return shards.with(shardIndex(mixed)) { $0.frames.find(key.rawValue, mixed: mixed) } != nil
    }

    /// How often a block in memory was used lately; nil if it is not there.
    ///
    /// Asking is not a use.
    func warmth(of key: Key) -> Int? {
        let slot = slots.enter()
        defer { slots.leave(slot) }
        let mixed = key.mixed
        return shards.with(shardIndex(mixed)) { shard in
            shard.frames.find(key.rawValue, mixed: mixed)?.hits
        }
    }

    /// Keeps a block that was read, if it fits; otherwise it is the caller's alone.
    ///
    /// If another thread was faster, the answer is its block.
    @discardableResult
    func insert(_ frame: Frame) -> CachedBlock {
        let key = Key(rawValue: frame.key)
        let mixed = key.mixed
        return shards.with(shardIndex(mixed)) { shard in
            change(shard) { state -> CachedBlock in
                if let present = shard.frames.find(frame.key, mixed: mixed) {
                    frame.free()
                    return CachedBlock(lent: present)
                }
                guard state.admits(frame.chargeBytes) else { return CachedBlock(owned: frame) }
                // The caller's slot keeps the frame, even if it is the first to be evicted.
                shard.frames.insert(frame, mixed: mixed)
                state.insert(frame)
                return CachedBlock(lent: frame)
            }
        }
    }

    /// Changes a shard, retires what it dropped, and tells the budget by how much it grew or shrank.
    private func change<Answer: Sendable>(
        _ shard: Shard,
        _ body: (inout BlockCacheShard) -> Answer
    ) -> Answer {
        let (answer, dropped) = shard.state.withLock { state -> (Answer, [Frame]) in
            let before = state.statistics.bytes
            let answer = body(&state)
            let dropped = state.takeDropped()
            for frame in dropped {
                shard.frames.remove(frame, mixed: Key(rawValue: frame.key).mixed)
            }
            let growth = state.statistics.bytes - before
            if growth > 0 { budget?.add(growth, to: .blockCache) }
            if growth < 0 { budget?.subtract(-growth, from: .blockCache) }
            return (answer, dropped)
        }
        for frame in dropped { retirement.retire(.frame(frame)) }
        return answer
    }

    /// Frees what readers held back, where they are gone.
    func collect() { retirement.collect() }

    /// Bytes of evicted blocks that readers still hold back.
    var heldBytes: Int { retirement.frameBytes }

    /// Forgets all blocks of a file that was removed.
    /// - Complexity: O(blocks in the cache).
    func removeAll(of file: FileNumber) {
        for index in 0..<shards.count {
            shards.with(index) { shard in change(shard) { $0.removeAll(of: file) } }
        }
        collect()
    }

    /// Changes the bound; evicts at once what is over it.
    func setCapacity(_ bytes: Int) {
        precondition(bytes >= 0, "a capacity is not negative")
        capacityBytes.store(bytes, ordering: .relaxed)
        for index in 0..<shards.count {
            shards.with(index) { shard in
                change(shard) { $0.setCapacity(bytes / Self.shardCount) }
            }
        }
        collect()
    }

    /// Sums over all shards; not one moment, but every part of it was true.
    var statistics: Statistics {
        var sum = Statistics()
        for index in 0..<shards.count {
            let part = shards.with(index) { shard in shard.state.withLock { $0.statistics } }
            sum.insertions += part.insertions
            sum.evictions += part.evictions
            sum.blockCount += part.blockCount
            sum.bytes += part.bytes
            sum.capacityBytes += part.capacityBytes
        }
        (sum.hits, sum.misses) = slots.counts
        return sum
    }
}
