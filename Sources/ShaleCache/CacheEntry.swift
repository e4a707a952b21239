public import ShaleBytes

/// What a cache holds under one key, the knowledge that there is nothing among it.
///
/// A subclass has the value, which never changes.
open class CacheEntry: KeyedObject, @unchecked Sendable {
    /// What the entry takes, its key and its place in tables included.
    package let chargeBytes: Int
    /// The entry is of no use from this tick on.
    package let endTick: UInt64
    /// Where the entry stands in the queues of its shard; changed only under the shard's lock.
    var place = -1

    /// What an entry takes beyond its key and its value: the object, its bucket, its place, and the
    /// allocator's share.
    package static let overheadBytes = 192

    /// An entry whose value takes `valueBytes`.
    package init(
        space: UInt64,
        key: [UInt8],
        hash: UInt64,
        valueBytes: Int,
        endTick: UInt64
    ) {
        chargeBytes = valueBytes + key.count + Self.overheadBytes
        self.endTick = endTick
        super.init(space: space, key: key, hash: hash)
    }
}
