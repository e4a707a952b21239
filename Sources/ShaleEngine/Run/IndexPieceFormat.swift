/// The body of a piece of the block index: children in ascending order of their separators.
///
/// A child is a data block (level 0, a leaf) or a piece of the level below. Its separator is a key that
/// is at least its last key and less than the next child's first key, as short as that allows; the
/// last child of a section has the section's last key. So the child that can hold a key is the first
/// whose separator is at least the key.
///
/// Little-endian. In columns, so that a search touches few cache lines; N entries in each.
///
///     offset   size  field
///          0      2  level: 0 leaf
///          2      2  N, the number of children, at least 1
///          4      4  S, the offset in this body at which the first separator starts
///          8    8*N  hash: the first eight bytes of the separator as a big-endian number; what is
///                    missing counts as zeros
///      8+8*N    8*N  digest: eight bytes of the separator from byte 8 + skip on, likewise
///     8+16*N    2*N  skip: how many bytes behind their first eight all separators of the piece with
///                    this hash share; 0 if one of them is shorter than eight bytes
///     8+18*N    4*N  offset in this body at which the separator ends; the next one starts there
///     8+22*N   16*N  pointer to the child (`PiecePointer`)
///     8+38*N   16*N  level 1 only: pointer to the filter of the child; all zero if there is none
///          S      *  separators, to the end of the body
///
/// A piece is cut before its stored size would pass 64 KiB, but has at least `smallestFanOut` children
/// if the level goes on behind it. A section whose index is one leaf has it as its root; its filter is named
/// by the section directory.
enum IndexPieceFormat {
    static let levelOffset = 0
    static let countOffset = levelOffset + MemoryLayout<UInt16>.size
    static let separatorsOffset = countOffset + MemoryLayout<UInt16>.size
    static let hashesOffset = separatorsOffset + MemoryLayout<UInt32>.size

    static let hashSize = MemoryLayout<UInt64>.size
    static let digestSize = MemoryLayout<UInt64>.size
    static let skipSize = MemoryLayout<UInt16>.size
    static let endSize = MemoryLayout<UInt32>.size

    static let smallestFanOut = 4
    /// The level whose children are leaves: it names their filters.
    static let filterLevel = 1
    /// Levels of a section that a writer can make: far more than any file needs; a reader's bound.
    static let largestLevel = 32

    static func digestsOffset(count: Int) -> Int { hashesOffset + count * hashSize }
    static func skipsOffset(count: Int) -> Int { digestsOffset(count: count) + count * digestSize }
    static func endsOffset(count: Int) -> Int { skipsOffset(count: count) + count * skipSize }
    static func childrenOffset(count: Int) -> Int { endsOffset(count: count) + count * endSize }
    static func filtersOffset(count: Int) -> Int {
        childrenOffset(count: count) + count * PiecePointer.sizeBytes
    }
    static func separatorsOffset(count: Int, level: Int) -> Int {
        filtersOffset(count: count) + (level == filterLevel ? count * PiecePointer.sizeBytes : 0)
    }

    /// Eight bytes of `separator` from `start` on as a big-endian number, filled up with zeros.
    static func digest(_ separator: RawSpan, from start: Int) -> UInt64 {
        guard start + digestSize > separator.byteCount else {
            return separator.integer(UInt64.self, at: start).byteSwapped
        }
        var digest: UInt64 = 0
        for index in start..<(start + digestSize) {
            let byte = index < separator.byteCount ? separator.byte(at: index) : 0
            digest = digest << 8 | UInt64(byte)
        }
        return digest
    }
}

/// A child of an index piece: where it lies, and its filter if it is a leaf that has one.
struct IndexChild: Hashable, Sendable {
    var piece: PiecePointer
    var filter: PiecePointer = .none
}
