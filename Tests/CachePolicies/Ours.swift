internal import ShaleBytes
internal import ShaleCache

/// The cache of this package behind the same protocol: the real one, with entries of one size.
package struct Ours: CachePolicy {
    private let cache: CoherentCache

    /// What one entry is charged.
    private static let entryBytes = CacheEntry.overheadBytes + MemoryLayout<UInt64>.size

    package init(capacity: Int) {
        cache = CoherentCache(capacityBytes: capacity * Self.entryBytes)
    }

    package mutating func use(_ key: UInt64) -> Bool {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: key >> (8 * $0)) }
        return bytes.withLentBytes { lent in
            let hash = CoherentCache.hash(1, lent)
            let slot = cache.slots.enter()
            defer { cache.slots.leave(slot) }
            if cache.find(1, lent, hash: hash, at: 0) != nil { return true }
            cache.insert(
                CacheEntry(space: 1, key: bytes, hash: hash, valueBytes: 0, endTick: .max),
                readAt: 0
            )
            return false
        }
    }
}
