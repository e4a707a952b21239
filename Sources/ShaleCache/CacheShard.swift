internal import ShaleBytes

/// One shard of a cache behind its lock: who stays, and which entries may still be taken in.
///
/// **Stripes.** Each stripe of keys has the position from which on all writes of its keys are seen. A writer raises it
/// before readers can see the write, and takes the entry out, in one turn of the lock. An entry that was
/// read at a position comes in only if that is not below the stripe's. So what is found here is never
/// older than a write that readers have seen: either the writer finds the entry and takes it out, or the
/// entry finds the stripe raised and stays out.
struct CacheShard: Sendable {
    private static let stripeCount = 256

    private var queues: CacheQueues
    private var stripes = Array(repeating: UInt64(0), count: CacheShard.stripeCount)
    private(set) var counts = Counts()

    /// What happened in the shard.
    struct Counts: Hashable, Sendable {
        var fills = 0
        var replacements = 0
        /// Entries that were read before a write that is visible by now.
        var refusedStale = 0
        /// Entries that were too seldom asked for, or too large.
        var refusedRare = 0
        var evictions = 0
        var invalidations = 0
    }

    /// A shard for so many bytes.
    init(capacityBytes: Int) { queues = CacheQueues(capacityBytes: capacityBytes) }

    /// What all entries take, and how many there are.
    var held: (bytes: Int, count: Int) { (queues.bytes, queues.count) }

    @inline(__always)
    private static func stripe(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> 40) & (stripeCount - 1)
    }

    /// From now on nothing that was read below `position` comes in under this key; what is there goes.
    ///
    /// - Returns: the index's reference to what was there.
    mutating func invalidate(
        _ space: UInt64,
        _ key: LentBytes,
        hash: UInt64,
        from position: UInt64,
        _ index: borrowing ObjectIndex
    ) -> KeyedObject? {
        let stripe = Self.stripe(hash)
        stripes[stripe] = max(stripes[stripe], position)
        guard let found = index.find(space, key, hash: hash) else { return nil }
        counts.invalidations += 1
        return found.with { object in
            queues.remove(Self.entry(object))
            return index.remove(object)
        }
    }

    /// Takes in what was read at `position`, unless it may be old, or is not worth its room.
    ///
    /// - Returns: the index's references to what went for it.
    mutating func insert(
        _ entry: CacheEntry,
        readAt position: UInt64,
        _ index: borrowing ObjectIndex
    ) -> [KeyedObject] {
        queues.noteMiss(entry.hash)
        guard stripes[Self.stripe(entry.hash)] <= position else {
            counts.refusedStale += 1
            return []
        }
        guard queues.admits(entry.chargeBytes) else {
            counts.refusedRare += 1
            return []
        }
        var gone: [KeyedObject] = []
        let present = entry.key.withLentBytes {
            index.find(entry.space, $0, hash: entry.hash)
        }
        if let present {
            // Another reader was faster, or it was there in another form, or was too old.
            counts.replacements += 1
            gone.append(
                present.with { object in
                    queues.remove(Self.entry(object))
                    return index.remove(object)
                }
            )
        }
        counts.fills += 1
        index.insert(entry)
        queues.insert(entry)
        takeSurplus(&gone, index)
        return gone
    }

    /// Takes out what there is no room for.
    mutating func setCapacity(
        _ bytes: Int,
        _ index: borrowing ObjectIndex
    ) -> [KeyedObject] {
        queues.setCapacity(bytes)
        var gone: [KeyedObject] = []
        takeSurplus(&gone, index)
        return gone
    }

    /// Takes out all entries of a space.
    mutating func removeAll(
        of space: UInt64,
        _ index: borrowing ObjectIndex
    ) -> [KeyedObject] {
        queues.entries(of: space).map { entry in
            queues.remove(entry)
            return index.remove(entry)
        }
    }

    private mutating func takeSurplus(
        _ gone: inout [KeyedObject],
        _ index: borrowing ObjectIndex
    ) {
        while let (entry, isRefused) = queues.popSurplus() {
            if isRefused { counts.refusedRare += 1 } else { counts.evictions += 1 }
            gone.append(index.remove(entry))
        }
    }

    private static func entry(_ object: KeyedObject) -> CacheEntry {
        guard let entry = object as? CacheEntry else {
            preconditionFailure("a cache puts its own entries in only")
        }
        return entry
    }
}
