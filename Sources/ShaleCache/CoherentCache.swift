package import ShaleBytes
internal import Synchronization

/// Values by key in memory, never older than what their readers have seen elsewhere; bounded in bytes.
///
/// A look-up takes no lock: it walks a bucket of `ObjectIndex`, and what it finds is valid for as long as the caller's
/// slot is taken. Changes go through shards, each behind its own lock; what they take out is let go of
/// by `Retirement` when no reader can see it.
///
/// The cache knows neither what the values are nor where they come from, only that writes have positions
/// in one order, and that whoever reads at a position sees all writes below it (`CacheShard`).
///
/// Nothing but the object itself is in memory before the first entry.
package final class CoherentCache: Sendable {
    /// What the cache did since it was made, and what it holds.
    package struct Statistics: Hashable, Sendable {
        package var hits = 0
        package var misses = 0
        /// Hits that knew that there is nothing.
        package var negativeHits = 0
        package var fills = 0
        package var evictions = 0
        /// Entries that were not kept since others are asked for more often.
        package var refusedRare = 0
        /// Entries that were not taken in since a write came before them.
        package var refusedStale = 0
        package var invalidations = 0
        package var entryCount = 0
        package var bytes = 0
        package var capacityBytes = 0

        package init() {}
    }

    /// A lock of its own for each shard, and a reference so that locks are not neighbours.
    private final class Shard: Sendable {
        let index: ObjectIndex
        let state: Mutex<CacheShard>

        init(capacityBytes: Int) {
            index = ObjectIndex(buckets: capacityBytes / CoherentCache.bytesPerBucket)
            state = Mutex(CacheShard(capacityBytes: capacityBytes))
        }
    }

    private final class Shards: Sendable {
        let all: UnretainedArray<Shard>
        let mask: Int

        init(count: Int, capacityBytes: Int) {
            mask = count - 1
            all = UnretainedArray(
                (0..<count).map { _ in Shard(capacityBytes: capacityBytes / count) }
            )
        }
    }

    /// Enough that two threads seldom meet.
    private static let mostShards = 16
    /// A shard is at least this large, so that it holds large values.
    private static let leastShardBytes = 4 << 20
    /// At most a bucket for so many bytes: about one entry each.
    private static let bytesPerBucket = 512

    private let shards = LazyPublished<Shards>()
    private let shardCount: Int
    private let capacity: Atomic<Int>
    private let heldBytes = Atomic<Int>(0)
    private let negativeHits = ShardedCount()
    private let retirement: Retirement
    /// Whoever looks something up holds a slot here.
    package let slots = EpochSlots()

    /// An empty cache for so many bytes.
    package init(capacityBytes: Int) {
        precondition(capacityBytes >= 0, "a capacity is not negative")
        var count = 1
        while count < Self.mostShards, capacityBytes / (2 * count) >= Self.leastShardBytes {
            count *= 2
        }
        shardCount = count
        capacity = Atomic(capacityBytes)
        retirement = Retirement(slots)
    }

    /// A key's hash, for all calls below.
    @inline(__always)
    package static func hash(_ space: UInt64, _ key: LentBytes) -> UInt64 {
        Hash.xxh3(key, seed: space)
    }

    /// The entry under a key, if it is here and not too old, lent to a caller that holds a slot.
    package func find(
        _ space: UInt64,
        _ key: LentBytes,
        hash: UInt64,
        at tick: UInt64
    ) -> Unretained<KeyedObject>? {
        let found = shards.with { shards in
            shards.all.with(Self.shard(hash, shards)) { $0.index.find(space, key, hash: hash) }
        }
        guard let found, let found, found.with({ Self.endTick($0) > tick }) else { return nil }
        found.with { $0.noteUse() }
        return found
    }

    /// Counts a look-up.
    @inline(__always)
    package func count(_ result: LookUp) {
        slots.count(found: result != .miss)
        if result == .nothing { negativeHits.add(1) }
    }

    /// What a look-up came to.
    package enum LookUp: Sendable {
        case value, nothing, miss
    }

    /// Takes in what was read where all writes below `position` were seen.
    package func insert(_ entry: CacheEntry, readAt position: UInt64) {
        let capacity = capacity.load(ordering: .relaxed)
        guard capacity > 0 else { return }
        change(entry.hash) { state, index in state.insert(entry, readAt: position, index) }
    }

    /// A write of this key is seen by whoever reads at `position`: nothing older stays or comes in.
    ///
    /// Called before anybody reads there.
    package func invalidate(_ space: UInt64, _ key: LentBytes, from position: UInt64) {
        let hash = Self.hash(space, key)
        change(hash) { state, index in
            state.invalidate(space, key, hash: hash, from: position, index).map { [$0] } ?? []
        }
    }

    /// Forgets all entries of a space.
    /// - Complexity: O(entries in the cache).
    package func removeAll(of space: UInt64) {
        forEachShard { state, index in state.removeAll(of: space, index) }
    }

    /// Changes the bound; what is over it goes at once.
    package func setCapacity(_ bytes: Int) {
        precondition(bytes >= 0, "a capacity is not negative")
        capacity.store(bytes, ordering: .relaxed)
        forEachShard { state, index in state.setCapacity(bytes / self.shardCount, index) }
    }

    /// What all entries take.
    package var bytes: Int { heldBytes.load(ordering: .relaxed) }

    /// Sums over all shards; not one moment, but every part of it was true.
    package var statistics: Statistics {
        var sum = Statistics()
        (sum.hits, sum.misses) = slots.counts
        sum.negativeHits = negativeHits.load()
        sum.capacityBytes = capacity.load(ordering: .relaxed)
        guard let shards = shards.strong else { return sum }
        for number in 0..<shards.all.count {
            let (held, counts) = shards.all.with(number) { shard in
                shard.state.withLock { ($0.held, $0.counts) }
            }
            sum.bytes += held.bytes
            sum.entryCount += held.count
            sum.fills += counts.fills
            sum.evictions += counts.evictions
            sum.refusedRare += counts.refusedRare
            sum.refusedStale += counts.refusedStale
            sum.invalidations += counts.invalidations
        }
        return sum
    }

    @inline(__always)
    private static func shard(_ hash: UInt64, _ shards: Shards) -> Int {
        Int(truncatingIfNeeded: hash >> 52) & shards.mask
    }

    private static func endTick(_ object: KeyedObject) -> UInt64 {
        unsafe unsafeDowncast(object, to: CacheEntry.self).endTick
    }

    private func forEachShard(
        _ body: (inout CacheShard, borrowing ObjectIndex) -> [KeyedObject]
    ) {
        _ = shards.with { shards in
            for number in 0..<shards.all.count { change(shards, number, body) }
        }
        retirement.collect()
    }

    /// Changes the shard of a key, which is made by whoever comes first.
    private func change(
        _ hash: UInt64,
        _ body: (inout CacheShard, borrowing ObjectIndex) -> [KeyedObject]
    ) {
        let isDone: Void? = shards.with { change($0, Self.shard(hash, $0), body) }
        guard isDone == nil else { return }
        let made = Shards(count: shardCount, capacityBytes: capacity.load(ordering: .relaxed))
        let shards = shards.publishIfNone(made)
        change(shards, Self.shard(hash, shards), body)
    }

    /// Changes a shard, and lets go of what it took out once no reader can see it.
    private func change(
        _ shards: Shards,
        _ number: Int,
        _ body: (inout CacheShard, borrowing ObjectIndex) -> [KeyedObject]
    ) {
        let gone = shards.all.with(number) { shard in
            shard.state.withLock { state in
                let before = state.held.bytes
                let gone = body(&state, shard.index)
                let growth = state.held.bytes - before
                if growth != 0 { heldBytes.add(growth, ordering: .relaxed) }
                return gone
            }
        }
        for object in gone { retirement.retire(.object(object)) }
    }
}
