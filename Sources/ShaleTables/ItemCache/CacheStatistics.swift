/// What a cache did since the database was opened, and what it holds.
public struct CacheStatistics: Hashable, Sendable {
    /// Reads that were answered from memory.
    public var hits = 0
    /// Of those: reads that were told that there is no such item.
    public var negativeHits = 0
    /// Reads that went to the engine.
    public var misses = 0
    /// Entries that were taken in.
    public var fills = 0
    /// Entries that made room for others.
    public var evictions = 0
    /// Entries that were not kept, since what is there is asked for more often.
    public var refusedRare = 0
    /// Entries that were not taken in, since a write came between.
    public var refusedStale = 0
    /// Entries that went because their item was written.
    public var invalidations = 0
    /// Reads that waited for another's read of the same item from the disk.
    public var joined = 0
    /// Reads of one item that were answered from memory and whose time was taken, one in 64.
    public var timedHits = 0
    /// What those took, nanoseconds, with what was made of the item.
    public var timedHitNanoseconds = 0
    /// Reads of one item that went to the engine and whose time was taken, one in 64.
    public var timedMisses = 0
    /// What those took, nanoseconds.
    public var timedMissNanoseconds = 0
    /// Entries that are held.
    public var entryCount = 0
    /// Bytes that they take.
    public var bytes = 0
    /// Bytes that they may take.
    public var capacityBytes = 0

    /// The part of all reads that were answered from memory, from 0 to 1; nil where there were none.
    public var hitRatio: Double? {
        hits + misses > 0 ? Double(hits) / Double(hits + misses) : nil
    }

    /// Nothing was done.
    public init() {}

    /// Nanoseconds of a read that was answered from memory; nil where none was timed.
    public var hitNanoseconds: Int? { timedHits > 0 ? timedHitNanoseconds / timedHits : nil }

    /// Nanoseconds of a read that went to the engine; nil where none was timed.
    public var missNanoseconds: Int? { timedMisses > 0 ? timedMissNanoseconds / timedMisses : nil }

    /// All numbers by name.
    public var numbers: [String: Int] {
        Dictionary(uniqueKeysWithValues: Self.named.map { ($0.name, self[keyPath: $0.number]) })
    }

    /// Every number, by the name under which it is written.
    package static let named:
        [(name: String, number: any WritableKeyPath<CacheStatistics, Int> & Sendable)] = [
            ("hits", \.hits), ("negativeHits", \.negativeHits), ("misses", \.misses),
            ("fills", \.fills),
            ("evictions", \.evictions), ("refusedRare", \.refusedRare),
            ("refusedStale", \.refusedStale),
            ("invalidations", \.invalidations), ("joined", \.joined), ("timedHits", \.timedHits),
            ("timedHitNanoseconds", \.timedHitNanoseconds), ("timedMisses", \.timedMisses),
            ("timedMissNanoseconds", \.timedMissNanoseconds), ("entryCount", \.entryCount),
            ("bytes", \.bytes),
            ("capacityBytes", \.capacityBytes),
        ]
}
