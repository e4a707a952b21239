internal import ShaleBytes

/// A blob segment: large values, one behind the other, that entries of runs point to.
///
/// Little-endian.
///
///     offset   size  field
///          0     32  header
///         32      *  blobs: one piece each (`PieceFormat`), a data block's type with the value as its body
///          *      *  blob directory: one piece, the section directory's type
///          *     60  footer
///
/// Header:
///
///     offset  size  field
///          0     8  magic "SHALEBLB"
///          8     4  format version, 1
///         12    16  identity of the file
///         28     4  CRC-32C of the bytes before, seeded like a piece at offset 0
///
/// Blob directory, so that the file can be gone through without the runs that point to it:
///
///     offset  size  field
///          0     4  N, number of blobs
///          4   4*N  stored length of each, trailer included
///
/// Footer, at the very end:
///
///     offset  size  field
///          0    16  pointer to the blob directory (`PiecePointer`)
///         16    16  identity of the file
///         32     4  number of blobs
///         36     8  stored length of all blobs
///         44     4  format version, 1
///         48     4  CRC-32C of the bytes before, seeded like a piece at the footer's offset
///         52     8  magic "SHALEBND"
///
/// An entry of kind 2 has instead of its value (`BlobReference`):
///
///     offset  size  field
///          0     8  number of the blob segment's file
///          8    16  pointer to the blob (`PiecePointer`)
///         24     4  length of the value
enum BlobFormat {
    static let version: UInt32 = 1
    static let suffix = "blob"
    static let headMagic = Array("SHALEBLB".utf8)
    static let tailMagic = Array("SHALEBND".utf8)
    static let headerSize = 32
    static let headVersionOffset = 8
    static let headIdentityOffset = headVersionOffset + MemoryLayout<UInt32>.size
    static let headChecksumOffset = headerSize - MemoryLayout<UInt32>.size
    static let footIdentityOffset = PiecePointer.sizeBytes
    static let footCountOffset = footIdentityOffset + FileIdentity.sizeBytes
    static let footBytesOffset = footCountOffset + MemoryLayout<UInt32>.size
    static let footVersionOffset = footBytesOffset + MemoryLayout<UInt64>.size
    static let footChecksumOffset = footVersionOffset + MemoryLayout<UInt32>.size
    static let footMagicOffset = footChecksumOffset + MemoryLayout<UInt32>.size
    static let footerSize = footMagicOffset + 8
}

/// Where a large value is; what an entry of a run has in its place.
struct BlobReference: Hashable, Sendable {
    static let pointerOffset = MemoryLayout<UInt64>.size
    static let valueSizeOffset = pointerOffset + PiecePointer.sizeBytes
    static let sizeBytes = valueSizeOffset + MemoryLayout<UInt32>.size

    var file: FileNumber
    var piece: PiecePointer
    /// Bytes of the value before any encoding.
    var valueSize: Int

    /// What the blob takes of its segment.
    var storedBytes: Int { Int(piece.length) }

    init(file: FileNumber, piece: PiecePointer, valueSize: Int) {
        self.file = file
        self.piece = piece
        self.valueSize = valueSize
    }

    /// The reference in an entry, or the reason why it is none.
    init(_ bytes: LentBytes) throws(MalformedPiece) {
        guard bytes.count == Self.sizeBytes else {
            throw MalformedPiece("a reference to a blob of \(bytes.count) bytes")
        }
        file = FileNumber(bytes.integer(UInt64.self, at: 0))
        piece = PiecePointer(in: bytes, at: Self.pointerOffset)
        valueSize = Int(bytes.integer(UInt32.self, at: Self.valueSizeOffset))
        guard valueSize <= Limits.valueSizeBytes, !piece.isNone else {
            throw MalformedPiece("a reference to a blob of \(valueSize) bytes of value")
        }
    }

    func append(to buffer: inout ByteBuffer) {
        buffer.append(integer: file.rawValue)
        buffer.append(integer: piece.offset)
        buffer.append(integer: piece.length)
        buffer.append(integer: piece.checksum)
        buffer.append(integer: UInt32(valueSize))
    }
}

/// What is known of a finished blob segment: enough to open it and to know that it is the right one.
struct BlobFileReference: Hashable, Sendable {
    var number: FileNumber
    var identity: FileIdentity
    var sizeBytes: Int
    var footerChecksum: UInt32
    var blobCount: Int
    /// What all blobs take, trailers included.
    var blobBytes: Int

    /// Its bytes in an edit of the manifest.
    func append(to writer: inout ByteWriter) {
        writer.append(integer: number.rawValue)
        identity.append(to: &writer)
        writer.append(integer: UInt64(sizeBytes))
        writer.append(integer: footerChecksum)
        writer.append(integer: UInt32(blobCount))
        writer.append(integer: UInt64(blobBytes))
    }
}

extension BlobFileReference {
    init(from reader: inout ByteReader) throws(Truncated) {
        number = FileNumber(try reader.read(UInt64.self))
        identity = try FileIdentity(from: &reader)
        sizeBytes = Int(clamping: try reader.read(UInt64.self))
        footerChecksum = try reader.read(UInt32.self)
        blobCount = Int(try reader.read(UInt32.self))
        blobBytes = Int(clamping: try reader.read(UInt64.self))
    }
}
