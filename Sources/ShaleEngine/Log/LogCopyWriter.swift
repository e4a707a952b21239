internal import ShaleBytes
internal import ShalePlatform

/// Writes records of other segments into a new one, at the positions that they had.
///
/// The last record is kept back until the next one is there: where that does not follow at once, because another segment
/// began in between, the record before it ends its page, and a sync mark fills whole pages.
struct LogCopyWriter {
    /// What the manifest is to say of the segment.
    let record: SegmentRecord
    private let header: SegmentHeader
    private let seed: UInt32
    private let file: any File
    private var chain: UInt32
    private var pending: (header: LogRecordHeader, payload: [UInt8])?
    /// Where the pending record ends, or the log so far.
    private var end: LogPosition
    /// What was not written yet, and where it goes.
    private var buffer: [UInt8] = []
    private var bufferOffset = SegmentFormat.headerSize

    private static let bufferBytes = 1024 * 1024
    /// A mark that holds nothing but zeros behind its payload.
    private static let smallestMark =
        LogRecordFormat.headerSize + LogRecordFormat.manifestWitnessSize

    /// Begins a segment for records of these positions, with number and file of `last`.
    init(
        _ positions: Range<LogPosition>,
        _ last: SegmentRecord,
        _ identity: FileIdentity,
        in path: String,
        _ files: any FileSystem
    ) throws(EngineError) {
        let page = UInt64(LogRecordFormat.pageSize)
        var base = positions.lowerBound.rawValue / page * page
        let gap = Int(positions.lowerBound.rawValue - base)
        // Too small for a mark: begin a page earlier. There is one, as no copy begins inside a segment's first page.
        if gap > 0, gap < Self.smallestMark { base -= page }
        let endPage = (positions.upperBound.rawValue + page - 1) / page * page
        let capacity = Int(max(endPage - base, page))
        record = SegmentRecord(
            number: last.number,
            file: last.file,
            identity: identity,
            capacityBytes: capacity
        )
        header = SegmentHeader(
            number: record.number,
            identity: identity,
            base: LogPosition(base),
            capacityBytes: capacity,
            previous: LogEnd.nothing.segment,
            previousChecksum: LogEnd.nothing.checksum,
            previousLengthBytes: LogEnd.nothing.lengthBytes
        )
        seed = identity.checksumSeed(at: 0)
        chain = header.checksum
        end = header.base
        do throws(FileError) {
            file = try files.open(
                path + "/" + record.file.fileName(SegmentFormat.fileSuffix),
                .create
            )
        } catch {
            throw EngineError(error)
        }
    }

    /// Appends a record at the position that it has; positions ascend.
    mutating func append(_ record: LogRecordHeader, _ payload: LentBytes) throws(EngineError) {
        if record.position > end { try skip(to: record.position, record) }
        precondition(record.position == end, "positions ascend")
        try emitPending(endsPage: false)
        pending = (record, payload.copied())
        end = Self.end(of: record, endsPage: record.flags.contains(.endsPage))
    }

    /// Writes what is left and syncs the segment.
    mutating func finish() throws(EngineError) {
        try emitPending(endsPage: false)
        try flush()
        do throws(FileError) {
            try file.write(header.page, at: 0)
            // Behind the last record there are zeros, as in a new segment.
            try file.truncate(to: SegmentFormat.headerSize + record.capacityBytes)
            try file.sync()
        } catch {
            throw EngineError(error)
        }
    }

    /// Closes the file.
    func close() { file.close() }

    private static func end(of record: LogRecordHeader, endsPage: Bool) -> LogPosition {
        let end = Int(record.position.rawValue) + record.sizeBytes
        return LogPosition(UInt64(LogRecordFormat.nextOffset(after: end, endsPage: endsPage)))
    }

    /// Fills what lies between the end and the position of `next`.
    private mutating func skip(
        to position: LogPosition,
        _ next: LogRecordHeader
    ) throws(EngineError) {
        if let last = pending?.header {
            end = Self.end(of: last, endsPage: true)
            try emitPending(endsPage: true)
        }
        guard position > end else { return }
        let gap = Int(position.rawValue - end.rawValue)
        var mark = LogRecordHeader(
            kind: .syncMark,
            payloadLength: gap - LogRecordFormat.headerSize,
            payloadChecksum: 0,
            segment: record.number,
            position: end
        )
        let zeros = [UInt8](repeating: 0, count: mark.payloadLength)
        mark.payloadChecksum = zeros.withLentBytes { Checksum.crc32c($0.span) }
        mark.syncedThrough = end
        mark.wallMilliseconds = next.wallMilliseconds
        pending = (mark, zeros)
        end = position
    }

    private mutating func emitPending(endsPage: Bool) throws(EngineError) {
        guard let pending else { return }
        self.pending = nil
        var header = pending.header
        header.segment = record.number
        header.previousChecksum = chain
        header.flags = endsPage || header.flags.contains(.endsPage) ? .endsPage : []
        buffer += header.encode(seed: seed)
        buffer += pending.payload
        chain = header.checksum
        let next = Self.end(of: header, endsPage: header.flags.contains(.endsPage))
        let padding = Int(next.rawValue - header.position.rawValue) - header.sizeBytes
        buffer += repeatElement(0, count: padding)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    private mutating func flush() throws(EngineError) {
        guard !buffer.isEmpty else { return }
        do throws(FileError) {
            try file.write(buffer, at: bufferOffset)
        } catch {
            throw EngineError(error)
        }
        bufferOffset += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
