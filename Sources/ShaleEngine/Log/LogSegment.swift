internal import ShaleBytes
internal import ShalePlatform

/// One life of a segment's file: preallocated, zero-filled or reused, then started with a header page
/// when the log before it has ended.
final class LogSegment: Sendable {
    let number: SegmentNumber
    let fileNumber: FileNumber
    let identity: FileIdentity
    let capacityBytes: Int
    let file: any File
    /// The whole file in memory, where that can be done.
    let mapping: FileMapping?
    /// Mixed into the checksum of every record header.
    let seed: UInt32

    init(
        number: SegmentNumber,
        fileNumber: FileNumber,
        identity: FileIdentity,
        capacityBytes: Int,
        file: any File
    ) {
        self.number = number
        self.fileNumber = fileNumber
        self.identity = identity
        self.capacityBytes = capacityBytes
        self.file = file
        seed = identity.checksumSeed(at: 0)
        let size = SegmentFormat.headerSize + capacityBytes
        mapping = (file as? any MappableFile)?.map(size)
    }

    /// Writes and syncs the header page: from now on this is where the log before it ends.
    func start(_ end: LogEnd, base: LogPosition) throws(FileError) -> SegmentHeader {
        let header = header(after: end, base: base)
        try file.write(header.page, at: 0)
        try file.sync()
        return header
    }

    /// Begins with records of a segment that failed, and is synced with them.
    ///
    /// The records come first, so that the log of a process that dies between the two is still the old one
    /// with all its records: with the header page it ends before them.
    func takeOver(_ records: [UInt8], _ header: SegmentHeader) throws(FileError) {
        try file.write(records, at: SegmentFormat.headerSize)
        try file.write(header.page, at: 0)
        try file.sync()
    }

    /// The header page of this segment when the log before it ends there.
    func header(after end: LogEnd, base: LogPosition) -> SegmentHeader {
        SegmentHeader(
            number: number,
            identity: identity,
            base: base,
            capacityBytes: capacityBytes,
            previous: end.segment,
            previousChecksum: end.checksum,
            previousLengthBytes: end.lengthBytes
        )
    }
}

/// Where the log ends: the segment, the length of its body in bytes, and the checksum of its last record.
struct LogEnd: Equatable, Sendable {
    var segment: SegmentNumber
    var lengthBytes: Int
    var checksum: UInt32

    /// Before the first segment.
    static let nothing = LogEnd(segment: SegmentNumber(0), lengthBytes: 0, checksum: 0)
}
