/// The body of a data block: entries in ascending order of their keys.
///
/// Little-endian. Offsets are counted from the start of the body.
///
///     offset           size  field
///              0          2  N, the number of entries, at least 1
///              2          2  P, the length of the prefix that all keys share
///              4          P  the prefix
///          4 + P          N  one tag an entry: the low byte of `RunFormat.keyHash` of its key
///      4 + P + N      W * N  offset of each entry. W is 2 where the body is at most 65,536 bytes
///                            long, else 4
///              E          *  the entries, one behind the other, to the end of the body
///
/// An entry:
///
///     varint  S, the length of the key behind the prefix
///     varint  value length times 4, plus kind (`EntryKind`): 0 value, 1 tombstone (its length is 0),
///             2 reference to a blob (its length is that of a `BlobReference`)
///     S       the key behind the prefix
///     V       value
///
/// Never renumber a kind: it is on disk. 3 is free. A point read compares the tags first and
/// then one key; a seek is a binary search over the offsets.
enum DataBlockFormat {
    static let countOffset = 0
    static let prefixLengthOffset = countOffset + MemoryLayout<UInt16>.size
    static let prefixOffset = prefixLengthOffset + MemoryLayout<UInt16>.size
    static let tagSize = MemoryLayout<UInt8>.size
    static let narrowOffsetSize = MemoryLayout<UInt16>.size
    static let wideOffsetSize = MemoryLayout<UInt32>.size
    /// A longer body has wide offsets.
    static let longestNarrowBody = 1 << 16
    static let largestCount = Int(UInt16.max)

    static let kindBits = 2

    /// How wide the offsets of a body of this length are.
    static func offsetSize(bodySize: Int) -> Int {
        bodySize <= longestNarrowBody ? narrowOffsetSize : wideOffsetSize
    }

    /// How many bytes a varint takes.
    static func varintSize(_ value: Int) -> Int {
        var size = 1
        var rest = value >> 7
        while rest > 0 {
            size += 1
            rest >>= 7
        }
        return size
    }
}
