internal import ShaleBytes

/// A run file: sorted entries of one or more sections, with their filters and block indexes.
///
///     offset   size  field
///          0     32  header
///         32      *  sections, one behind the other
///          *      *  section directory (`SectionDirectoryFormat`), one piece
///          *     60  footer
///
/// A section holds the entries of one partition in ascending order of their keys; sections of one file
/// may belong to different tables, so keys of two sections have no order among each other. A section:
///
///     data block (`DataBlockFormat`), ..., filter (`FilterFormat`), leaf of the block index,
///     data block, ..., filter, leaf of the block index,
///     ...
///     inner pieces of the block index (`IndexPieceFormat`), its root last
///
/// A filter covers the entries of the data blocks that its leaf points to, and lies right before it.
/// Without filters (0 bits per key) there are none of these pieces. Every data block, filter and
/// leaf lies behind those with smaller keys. A piece of an inner level may lie anywhere between.
///
/// Header, little-endian:
///
///     offset  size  field
///          0     8  magic "SHALERUN"
///          8     4  format version, 1
///         12    16  identity of the file
///         28     4  CRC-32C of the bytes before, seeded like a piece at offset 0
///
/// Footer, little-endian, at the very end:
///
///     offset  size  field
///          0    16  pointer to the section directory (`PiecePointer`)
///         16    16  identity of the file
///         32     4  number of sections
///         36     8  number of entries in all sections
///         44     4  format version, 1
///         48     4  CRC-32C of the bytes before, seeded like a piece at the footer's offset
///         52     8  magic "SHALEEND"
///
/// The manifest keeps the file's number, identity and size, and the footer's checksum; the footer keeps the
/// directory's checksum, the directory the root's, and so on down to every block.
enum RunFormat {
    static let version: UInt32 = 1
    static let suffix = "run"

    static let headMagic = Array("SHALERUN".utf8)
    static let tailMagic = Array("SHALEEND".utf8)

    static let headVersionOffset = 8
    static let headIdentityOffset = headVersionOffset + MemoryLayout<UInt32>.size
    static let headChecksumOffset = headIdentityOffset + FileIdentity.sizeBytes
    static let headerSize = headChecksumOffset + MemoryLayout<UInt32>.size

    static let footIdentityOffset = PiecePointer.sizeBytes
    static let footSectionCountOffset = footIdentityOffset + FileIdentity.sizeBytes
    static let footEntryCountOffset = footSectionCountOffset + MemoryLayout<UInt32>.size
    static let footVersionOffset = footEntryCountOffset + MemoryLayout<UInt64>.size
    static let footChecksumOffset = footVersionOffset + MemoryLayout<UInt32>.size
    static let footMagicOffset = footChecksumOffset + MemoryLayout<UInt32>.size
    static let footerSize = footMagicOffset + 8

    /// Pieces of index and filter are cut at this stored size.
    static let pieceSizeBytes = 64 * 1024

    /// The hash of a whole key: its low byte is the tag in a data block, and it is in the filter.
    static func keyHash(_ key: [UInt8]) -> UInt64 { Hash.xxh3(key, seed: 0) }

    /// As above, of lent bytes.
    static func keyHash(_ key: RawSpan) -> UInt64 { Hash.xxh3(key, seed: 0) }

    /// The hash of an entry's partition key, as it is in the filter.
    static func partitionHash(_ key: RawSpan) -> UInt64 { EntryKey.hash(of: key) }

    /// Whether the filter knows the key by its partition hash alone, because its sort key is empty.
    static func isWholePartition(_ key: RawSpan) -> Bool {
        key.byteCount >= EntryKey.partitionOffset && !EntryKey.hasSort(key)
    }

    /// As above, for lent bytes.
    static func keyHash(_ key: LentBytes) -> UInt64 { Hash.xxh3(key, seed: 0) }

    /// The hash of an entry's partition key, as it is in the filter.
    static func partitionHash(_ key: [UInt8]) -> UInt64 { EntryKey.hash(of: key) }

    /// Whether the filter knows the key by its partition hash alone, because its sort key is empty.
    static func isWholePartition(_ key: [UInt8]) -> Bool {
        key.withLentBytes { isWholePartition($0) }
    }

    /// As above, for lent bytes.
    static func isWholePartition(_ key: LentBytes) -> Bool {
        guard key.count >= EntryKey.partitionOffset else { return false }
        let length = Int(key[EntryKey.lengthOffset]) << 8 | Int(key[EntryKey.lengthOffset + 1])
        return key.count <= EntryKey.partitionOffset + length
    }
}

/// The first bytes of a run file.
struct RunFileHeader: Hashable, Sendable {
    var version: UInt32
    var identity: FileIdentity

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: RunFormat.headerSize)
        writer.append(RunFormat.headMagic)
        writer.append(integer: version)
        identity.append(to: &writer)
        writer.append(
            integer: Checksum.crc32c(writer.bytes, seed: identity.checksumSeed(at: 0))
        )
        return writer.take()
    }

    /// Reads a header; the error's reason says what is wrong with it.
    init(decoding bytes: [UInt8], file: String) throws(EngineError) {
        guard bytes.count >= RunFormat.headerSize,
            bytes.starts(with: RunFormat.headMagic)
        else {
            throw EngineError(.corrupted, file: file, offset: 0, "not a run file: no magic")
        }
        do throws(Truncated) {
            var reader = ByteReader(bytes)
            try reader.skip(RunFormat.headVersionOffset)
            version = try reader.read(UInt32.self)
            identity = try FileIdentity(from: &reader)
            let stored = try reader.read(UInt32.self)
            let covered = Array(bytes[..<RunFormat.headChecksumOffset])
            guard stored == Checksum.crc32c(covered, seed: identity.checksumSeed(at: 0)) else {
                throw Truncated(offset: RunFormat.headChecksumOffset, needed: 0)
            }
        } catch {
            throw EngineError(
                .corrupted,
                file: file,
                offset: 0,
                "checksum of the header does not match"
            )
        }
        guard version == RunFormat.version else {
            throw EngineError(.newerFormat, file: file, "run format \(version) is not known")
        }
    }

    init(identity: FileIdentity) {
        version = RunFormat.version
        self.identity = identity
    }
}

/// The last bytes of a run file.
struct RunFileFooter: Hashable, Sendable {
    var directory: PiecePointer
    var identity: FileIdentity
    var sectionCount: UInt32
    var entryCount: UInt64

    /// The bytes of a footer at `offset`, and their checksum.
    func encoded(at offset: Int) -> (bytes: [UInt8], checksum: UInt32) {
        var bytes: [UInt8] = []
        directory.append(to: &bytes)
        var writer = ByteWriter(reservingCapacity: RunFormat.footerSize)
        writer.append(bytes)
        identity.append(to: &writer)
        writer.append(integer: sectionCount)
        writer.append(integer: entryCount)
        writer.append(integer: RunFormat.version)
        let checksum = Checksum.crc32c(writer.bytes, seed: identity.checksumSeed(at: offset))
        writer.append(integer: checksum)
        writer.append(RunFormat.tailMagic)
        return (writer.take(), checksum)
    }
}

extension RunFileFooter {
    /// Reads the footer in `bytes`, which lie at `offset` of the file, and its checksum.
    static func decode(
        _ bytes: [UInt8],
        at offset: Int,
        file: String
    ) throws(EngineError) -> (footer: RunFileFooter, checksum: UInt32) {
        func damage(_ reason: String) -> EngineError {
            EngineError(.corrupted, file: file, offset: offset, reason)
        }
        guard bytes.count == RunFormat.footerSize,
            bytes[RunFormat.footMagicOffset...].elementsEqual(RunFormat.tailMagic)
        else { throw damage("no footer: the file is cut off, or it is not a run file") }
        // Safety: every bit pattern of a byte is a byte.
        let span = unsafe bytes.span.bytes
        let identity = FileIdentity(
            first: span.integer(UInt64.self, at: RunFormat.footIdentityOffset),
            second: span.integer(UInt64.self, at: RunFormat.footIdentityOffset + 8)
        )
        let stored = span.integer(UInt32.self, at: RunFormat.footChecksumOffset)
        let computed = Checksum.crc32c(
            span.extracting(first: RunFormat.footChecksumOffset),
            seed: identity.checksumSeed(at: offset)
        )
        guard stored == computed else { throw damage("checksum of the footer does not match") }
        let version = span.integer(UInt32.self, at: RunFormat.footVersionOffset)
        guard version == RunFormat.version else {
            throw EngineError(.newerFormat, file: file, "run format \(version) is not known")
        }
        let footer = RunFileFooter(
            directory: PiecePointer(in: span, at: 0),
            identity: identity,
            sectionCount: span.integer(UInt32.self, at: RunFormat.footSectionCountOffset),
            entryCount: span.integer(UInt64.self, at: RunFormat.footEntryCountOffset)
        )
        return (footer, stored)
    }
}
