/// An entry and its versions, as they lie in a stripe's arena.
///
/// Entry:
///
///     offset  size  field
///          0     8  newest version
///          8     4  K, length of the key
///         12     4  the entry added before it, while it has no place in the order (a reference)
///         16     K  key, up to a multiple of 8
///
/// Version; the first one lies right behind its entry:
///
///     offset  size  field
///          0     8  the next older version, or 0
///          8     8  position; highest bit: it is a tombstone
///         16     4  V, length of the value
///         20     4  room for a value
///         24     V  value
///
/// Versions of an entry descend by position. A version is whole before anything leads to it.
enum EntryLayout {
    static let newestOffset = 0
    static let keyLengthOffset = 8
    static let pendingOffset = 12
    static let keyOffset = 16

    static let olderOffset = 0
    static let positionOffset = 8
    static let valueLengthOffset = 16
    static let valueRoomOffset = 20
    static let valueOffset = 24

    static let tombstone: UInt64 = 1 << 63

    @inline(__always)
    static func key(_ entry: Place) -> LentBytes {
        entry.lent(keyOffset, count: Int(entry.half(keyLengthOffset)))
    }

    @inline(__always)
    static func newest(_ entry: Place) -> Place { Place(word: entry.acquire(newestOffset)) }

    @inline(__always)
    static func older(_ version: Place) -> Place { Place(word: version.acquire(olderOffset)) }

    @inline(__always)
    static func position(_ version: Place) -> UInt64 { version.word(positionOffset) & ~tombstone }

    /// The newest version before `position`.
    @inline(__always)
    static func version(_ entry: Place, before position: UInt64) -> Place? {
        var version = newest(entry)
        while !version.isNowhere {
            if self.position(version) < position { return version }
            version = older(version)
        }
        return nil
    }

    @inline(__always)
    static func read(_ version: Place) -> EntryVersion {
        let word = version.word(positionOffset)
        return EntryVersion(
            position: word & ~tombstone,
            isTombstone: word & tombstone != 0,
            value: version.lent(valueOffset, count: Int(version.half(valueLengthOffset)))
        )
    }

    /// What a key takes, padding included.
    static func paddedKey(_ count: Int) -> Int { (count + 7) & ~7 }
}

/// One version of an entry; its value is lent for as long as the table lives and no newer version may
/// take its place (see `EntryTable.add`).
package struct EntryVersion: Sendable {
    package let position: UInt64
    package let isTombstone: Bool
    /// Of a tombstone no bytes.
    package let value: LentBytes
}
