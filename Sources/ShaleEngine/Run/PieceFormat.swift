internal import ShaleBytes

/// A piece of a run file: a data block, a piece of the block index, a piece of the filter, or the
/// section directory.
///
/// Every byte of a run file outside of header and footer belongs to one piece.
///
/// Little-endian. Never renumber a type: it is on disk.
///
///     offset  size  field
///          0     N  body as stored
///          N     1  type
///                     1  data block
///                     2  data block, compressed: the body as stored is
///                          0  4    length of the body before compression
///                          4  N-4  LZ4 block
///                     3  piece of the block index
///                     4  piece of the filter
///                     5  section directory
///      N + 1     4  CRC-32C of the body as stored and the type; its seed is the CRC-32C of the
///                   file's identity and this piece's offset (`FileIdentity.checksumSeed`)
///
/// Whoever points to a piece (`PiecePointer`) keeps the checksum as well; both copies are compared
/// with the bytes on every read from disk, so a write that went to the wrong place, or never
/// happened, is noticed.
enum PieceFormat {
    static let typeSize = MemoryLayout<UInt8>.size
    static let checksumSize = MemoryLayout<UInt32>.size
    static let trailerSize = typeSize + checksumSize
    static let compressedHeaderSize = MemoryLayout<UInt32>.size

    /// Longest body before compression of anything but the directory: the largest entry with room
    /// for the layout around it, or four separators of the largest size.
    ///
    /// Asked for before memory is.
    static let largestBodySize = Limits.valueSizeBytes + 8 * Limits.keySizeBytes

    /// The checksum of a piece at `offset`, given its stored body and type.
    static func checksum(bodyAndType: RawSpan, identity: FileIdentity, offset: Int) -> UInt32 {
        Checksum.crc32c(bodyAndType, seed: identity.checksumSeed(at: offset))
    }
}

/// What a piece is.
///
/// The raw values are on disk.
enum PieceType: UInt8, Sendable {
    case data = 1
    case compressedData = 2
    case index = 3
    case filter = 4
    case directory = 5

    /// What a pointer expects: compression is the piece's own affair.
    var content: PieceContent {
        switch self {
        case .data, .compressedData: .data
        case .index: .index
        case .filter: .filter
        case .directory: .directory
        }
    }
}

/// What a reader expects at a pointer.
///
/// The raw values are not on disk: they mark frames in memory.
enum PieceContent: UInt64, Sendable {
    case data = 1
    case index, filter, directory
    /// A large value in a blob segment.
    case blob

    /// What is on disk: a blob is stored like a data block.
    var asStored: PieceContent { self == .blob ? .data : self }
}

/// Where a piece lies, and what its checksum must be.
///
///     offset  size  field
///          0     8  file offset of the piece
///          8     4  its stored length, trailer included; 0: there is none, then all is 0
///         12     4  its checksum
struct PiecePointer: Hashable, Sendable {
    static let lengthOffset = MemoryLayout<UInt64>.size
    static let checksumOffset = lengthOffset + MemoryLayout<UInt32>.size
    static let sizeBytes = checksumOffset + MemoryLayout<UInt32>.size

    /// No piece.
    static let none = PiecePointer(offset: 0, length: 0, checksum: 0)

    var offset: UInt64
    var length: UInt32
    var checksum: UInt32

    var isNone: Bool { length == 0 }

    init(offset: UInt64, length: UInt32, checksum: UInt32) {
        self.offset = offset
        self.length = length
        self.checksum = checksum
    }

    /// The pointer at `position` of bytes that were checked to hold one there.
    @inline(__always)
    init(in bytes: RawSpan, at position: Int) {
        offset = bytes.integer(UInt64.self, at: position)
        length = bytes.integer(UInt32.self, at: position + Self.lengthOffset)
        checksum = bytes.integer(UInt32.self, at: position + Self.checksumOffset)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(integer: offset)
        bytes.append(integer: length)
        bytes.append(integer: checksum)
    }

    /// The bytes of the file that the piece takes, if they lie before `end`.
    func range(before end: Int) -> Range<Int>? {
        guard offset <= UInt64(end), UInt64(length) <= UInt64(end) - offset,
            length >= UInt32(PieceFormat.trailerSize)
        else { return nil }
        return Int(offset)..<(Int(offset) + Int(length))
    }
}
