internal import ShaleBytes
internal import ShaleCache
internal import ShaleEngine
internal import ShaleItems

/// An item in the cache, in the form of whoever read it, or the knowledge that there is none.
final class ItemEntry: CacheEntry, @unchecked Sendable {
    /// What is known under the key.
    enum Value: Sendable {
        case absent
        /// The stored bytes: what the server makes its answers of.
        case bytes([UInt8])
        /// Decoded: what an embedding program gets.
        case item(Item)
    }

    let value: Value

    init(_ table: TableID, _ key: EntryKey, _ value: Value, storedBytes: Int, endTick: UInt64) {
        self.value = value
        super.init(
            space: table.rawValue,
            key: key.bytes,
            hash: key.bytes.withLentBytes { CoherentCache.hash(table.rawValue, $0) },
            valueBytes: Self.sizeBytes(value, storedBytes: storedBytes),
            endTick: endTick
        )
    }

    /// What a value takes in memory, about: a decoded item has words of its own for each attribute and
    /// each text.
    private static func sizeBytes(_ value: Value, storedBytes: Int) -> Int {
        switch value {
        case .absent: 0
        case .bytes(let bytes): bytes.count + 32
        case .item(let item): 2 * storedBytes + 56 * item.count + 32
        }
    }
}
