internal import ShaleBytes

/// The first page of a log segment; log records follow it from offset 4,096 on.
///
/// Little-endian. Written and synced once in each life of the segment's file, before its first
/// record. It is where the end of the log before it was decided: replay of the previous segment never
/// reads past `previousLength`.
///
///     offset  size  field
///          0     8  magic "SHALELOG"
///          8     4  format version
///         12     4  number of the segment
///         16    16  identity of the file in this life
///         32     8  log position of the first byte behind this page
///         40     8  capacity: bytes behind this page
///         48     4  number of the previous segment, 0 if this is the first
///         52     4  checksum of the last record of the previous segment
///                   (of its header page, if it holds none; 0 if there is none)
///         56     8  final length of the previous segment's body, bytes
///         64  4028  zeros
///       4092     4  CRC-32C of the bytes before it
///
/// A body of C bytes holds positions from P to P + C; a record never crosses into another segment.
enum SegmentFormat {
    static let magic: [UInt8] = Array("SHALELOG".utf8)
    static let headerSize = LogRecordFormat.pageSize
    static let checksumOffset = headerSize - MemoryLayout<UInt32>.size
    static let version: UInt32 = 1
    static let fileSuffix = "log"
}

/// Counts the segments of a database's log.
///
/// From 1 on, never reused, though files are.
struct SegmentNumber: Hashable, Comparable, Sendable {
    var rawValue: UInt32
    init(_ rawValue: UInt32) { self.rawValue = rawValue }
    var next: SegmentNumber { SegmentNumber(rawValue + 1) }
    static func < (left: SegmentNumber, right: SegmentNumber) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What the header page of a segment says.
struct SegmentHeader: Equatable, Sendable {
    var number: SegmentNumber
    var identity: FileIdentity
    var base: LogPosition
    var capacityBytes: Int
    var previous: SegmentNumber
    var previousChecksum: UInt32
    var previousLengthBytes: Int

    /// The checksum of the page: with it the chain of the segment's records begins.
    private(set) var checksum: UInt32 = 0

    init(
        number: SegmentNumber,
        identity: FileIdentity,
        base: LogPosition,
        capacityBytes: Int,
        previous: SegmentNumber,
        previousChecksum: UInt32,
        previousLengthBytes: Int
    ) {
        self.number = number
        self.identity = identity
        self.base = base
        self.capacityBytes = capacityBytes
        self.previous = previous
        self.previousChecksum = previousChecksum
        self.previousLengthBytes = previousLengthBytes
        checksum = Self.checksum(of: page)
    }

    /// The page as written.
    var page: [UInt8] {
        var writer = ByteWriter(reservingCapacity: SegmentFormat.headerSize)
        writer.append(SegmentFormat.magic)
        writer.append(integer: SegmentFormat.version)
        writer.append(integer: number.rawValue)
        identity.append(to: &writer)
        writer.append(integer: base.rawValue)
        writer.append(integer: UInt64(capacityBytes))
        writer.append(integer: previous.rawValue)
        writer.append(integer: previousChecksum)
        writer.append(integer: UInt64(previousLengthBytes))
        writer.append(zeros: SegmentFormat.checksumOffset - writer.count)
        writer.append(integer: Self.checksum(of: writer.bytes))
        return writer.take()
    }

    /// Decodes a page; nil when it is not a whole header.
    init?(page: [UInt8]) {
        guard page.count == SegmentFormat.headerSize else { return nil }
        var reader = ByteReader(page)
        do throws(Truncated) {
            guard try Array(reader.readBytes(SegmentFormat.magic.count)) == SegmentFormat.magic,
                try reader.read(UInt32.self) == SegmentFormat.version
            else { return nil }
            number = SegmentNumber(try reader.read(UInt32.self))
            identity = try FileIdentity(from: &reader)
            base = LogPosition(try reader.read(UInt64.self))
            capacityBytes = Int(clamping: try reader.read(UInt64.self))
            previous = SegmentNumber(try reader.read(UInt32.self))
            previousChecksum = try reader.read(UInt32.self)
            previousLengthBytes = Int(clamping: try reader.read(UInt64.self))
            try reader.skip(SegmentFormat.checksumOffset - reader.offset)
            checksum = try reader.read(UInt32.self)
        } catch {
            return nil
        }
        guard checksum == Self.checksum(of: page) else { return nil }
    }

    private static func checksum(of page: [UInt8]) -> UInt32 {
        // Safety: every bit pattern of a byte is a byte; a page is longer than its checksum's offset.
        unsafe Checksum.crc32c(page.span.bytes.extracting(0..<SegmentFormat.checksumOffset))
    }
}
