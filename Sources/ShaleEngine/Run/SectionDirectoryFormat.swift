internal import ShaleBytes

/// The body of the section directory: what each section holds, and where its index begins.
///
///     offset  size  field
///          0     4  number of sections
///          4     *  the sections in the order of the file, each:
///                    0    8  offset in the file of the section's first byte
///                    8    8  length of the section
///                   16   16  pointer to the root of the block index (`PiecePointer`)
///                   32   16  pointer to the filter if the root is a leaf; otherwise all zero
///                   48    8  number of entries
///                   56    8  number of tombstones among them
///                   64    8  bytes of keys and values, before any encoding
///                   72    8  oldest log position of an entry
///                   80    8  newest log position of an entry
///                   88    8  wall-clock milliseconds of the oldest tombstone; 0 without tombstones
///                   96    2  F, length of the first key
///                   98    2  L, length of the last key
///                  100    4  B, number of blob segments that entries refer to
///                  104    F  first key
///              104 + F    L  last key
///          104 + F + L  16*B  of each segment, ascending (`BlobShare`):
///                              0  8  number of its file
///                              8  8  bytes of it that entries refer to
enum SectionDirectoryFormat {
    static let countSize = MemoryLayout<UInt32>.size
    static let fixedSize =
        8 * MemoryLayout<UInt64>.size + 2 * PiecePointer.sizeBytes
        + 2 * MemoryLayout<UInt16>.size + MemoryLayout<UInt32>.size
}

/// Where the entries of a section come from; given by whoever writes it.
struct SectionOrigin: Hashable, Sendable {
    /// The oldest position of the log that the section covers.
    var oldest: LogPosition
    /// The newest one.
    var newest: LogPosition
    /// When the oldest tombstone was written, in wall-clock milliseconds; counts only if there is one.
    var oldestTombstoneMilliseconds: Int64 = 0
}

/// What a section holds.
struct SectionSummary: Hashable, Sendable {
    var fileRange: Range<Int>
    var root: IndexChild
    var entryCount = 0
    var tombstoneCount = 0
    /// Bytes of keys and values before any encoding.
    ///
    /// A reference counts instead of the value that it leads to.
    var rawBytes = 0
    var origin: SectionOrigin
    var firstKey: [UInt8] = []
    var lastKey: [UInt8] = []
    /// What entries take of blob segments.
    var blobs = BlobShares()
}

extension SectionSummary {
    func append(to writer: inout ByteWriter) {
        writer.append(integer: UInt64(fileRange.lowerBound))
        writer.append(integer: UInt64(fileRange.count))
        var pointers: [UInt8] = []
        root.piece.append(to: &pointers)
        root.filter.append(to: &pointers)
        writer.append(pointers)
        writer.append(integer: UInt64(entryCount))
        writer.append(integer: UInt64(tombstoneCount))
        writer.append(integer: UInt64(rawBytes))
        writer.append(integer: origin.oldest.rawValue)
        writer.append(integer: origin.newest.rawValue)
        writer.append(integer: tombstoneCount > 0 ? origin.oldestTombstoneMilliseconds : 0)
        writer.append(integer: UInt16(firstKey.count))
        writer.append(integer: UInt16(lastKey.count))
        writer.append(integer: UInt32(blobs.shares.count))
        writer.append(firstKey)
        writer.append(lastKey)
        for share in blobs.shares { share.append(to: &writer) }
    }

    /// Reads a section that must lie before `end` of its file.
    init(from reader: inout ByteReader, before end: Int) throws(Truncated) {
        let start = reader.offset
        let offset = try reader.read(UInt64.self)
        let length = try reader.read(UInt64.self)
        guard offset <= UInt64(end), length <= UInt64(end) - offset else {
            throw Truncated(offset: start, needed: end)
        }
        fileRange = Int(offset)..<Int(offset + length)
        root = IndexChild(
            piece: try PiecePointer(from: &reader),
            filter: try PiecePointer(from: &reader)
        )
        entryCount = try reader.readNumber()
        tombstoneCount = try reader.readNumber()
        rawBytes = try reader.readNumber()
        origin = SectionOrigin(
            oldest: LogPosition(try reader.read(UInt64.self)),
            newest: LogPosition(try reader.read(UInt64.self)),
            oldestTombstoneMilliseconds: try reader.read(Int64.self)
        )
        // A time of nothing is written as 0, and in no other way.
        guard tombstoneCount > 0 || origin.oldestTombstoneMilliseconds == 0 else {
            throw Truncated(offset: start, needed: 0)
        }
        let firstLength = Int(try reader.read(UInt16.self))
        let lastLength = Int(try reader.read(UInt16.self))
        let blobCount = Int(try reader.read(UInt32.self))
        firstKey = Array(try reader.readBytes(firstLength))
        lastKey = Array(try reader.readBytes(lastLength))
        blobs = try BlobShares(from: &reader, count: blobCount)
    }
}

extension PiecePointer {
    init(from reader: inout ByteReader) throws(Truncated) {
        offset = try reader.read(UInt64.self)
        length = try reader.read(UInt32.self)
        checksum = try reader.read(UInt32.self)
    }
}

extension ByteReader {
    /// Reads 64 bits that count something.
    mutating func readNumber() throws(Truncated) -> Int {
        let start = offset
        guard let number = Int(exactly: try read(UInt64.self)) else {
            throw Truncated(offset: start, needed: MemoryLayout<UInt64>.size)
        }
        return number
    }
}

/// The sections of a file.
struct SectionDirectory: Hashable, Sendable {
    var sections: [SectionSummary]

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(integer: UInt32(sections.count))
        for section in sections { section.append(to: &writer) }
        return writer.take()
    }

    /// Reads the directory in `body`; its sections must lie before `end` of the file.
    init(checking body: [UInt8], before end: Int) throws(MalformedPiece) {
        do throws(Truncated) {
            var reader = ByteReader(body)
            let count = Int(try reader.read(UInt32.self))
            guard count <= reader.remaining / SectionDirectoryFormat.fixedSize else {
                throw Truncated(offset: 0, needed: count)
            }
            var sections: [SectionSummary] = []
            sections.reserveCapacity(count)
            for _ in 0..<count {
                sections.append(try SectionSummary(from: &reader, before: end))
            }
            guard reader.isAtEnd else { throw Truncated(offset: reader.offset, needed: 0) }
            self.sections = sections
        } catch {
            throw MalformedPiece("the section directory breaks off at its byte \(error.offset)")
        }
    }

    init(sections: [SectionSummary]) { self.sections = sections }
}
