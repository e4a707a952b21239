internal import ShaleBytes

/// A stretch of a segment's body in memory.
struct BodyWindow {
    /// Body offset of the first byte.
    let start: Int
    let bytes: LentBytes

    var end: Int { start + bytes.count }

    /// Whether all of the range is here.
    func has(_ range: Range<Int>) -> Bool { range.lowerBound >= start && range.upperBound <= end }

    /// The bytes at offsets of the body.
    subscript(range: Range<Int>) -> LentBytes {
        bytes[(range.lowerBound - start)..<(range.upperBound - start)]
    }
}

/// Reads the records of one started segment in order, checking every checksum and the chain.
///
/// Its body is shown to it window by window, so that no segment need be in memory as a whole.
/// Total: any bytes give records and an end.
struct SegmentReader {
    /// Why reading ended.
    enum Stop: Equatable, Sendable {
        /// At the length that the next segment's header names, or at the end of the file.
        case complete
        /// What is at this body offset is not the next record of the chain.
        case broken(reason: String)
    }

    enum Step {
        /// The next record, and its payload's place in the body.
        case record(LogRecordHeader, payload: Range<Int>)
        /// These bytes of the body must be in the window.
        case needs(Range<Int>)
        /// There are no more; `stop` says why.
        case ended
    }

    let header: SegmentHeader
    let seed: UInt32
    /// Records end here.
    let limit: Int
    /// Body offset of the next record.
    private(set) var offset = 0
    /// Where that is in the file.
    var fileOffset: Int { SegmentFormat.headerSize + offset }
    /// The checksum of the last record, or of the header page.
    private(set) var chain: UInt32
    /// Behind the last record, rounded up to the alignment of records.
    private(set) var lengthBytes = 0
    private(set) var stop: Stop?
    private(set) var wallMilliseconds: Int64 = 0

    init(_ header: SegmentHeader, limit: Int) {
        self.header = header
        self.limit = limit
        seed = header.identity.checksumSeed(at: 0)
        chain = header.checksum
    }

    /// Begins at a body offset where a record is that is chained to `chain`.
    init(_ header: SegmentHeader, limit: Int, from offset: Int, chain: UInt32) {
        self.init(header, limit: limit)
        self.offset = offset
        self.chain = chain
        lengthBytes = offset
    }

    /// The next record, if the window has all of it.
    mutating func next(in window: BodyWindow) -> Step {
        guard stop == nil else { return .ended }
        let head = offset..<(offset + LogRecordFormat.headerSize)
        guard head.upperBound <= limit else {
            return end(
                offset >= limit ? .complete : .broken(reason: "no record fits before the end")
            )
        }
        guard window.has(head) else { return .needs(head) }
        guard let record = header.record(at: offset, in: window, seed) else {
            return end(.broken(reason: "no record begins here"))
        }
        guard record.previousChecksum == chain else {
            return end(.broken(reason: "the record does not follow the one before it"))
        }
        let payload = head.upperBound..<(offset + record.sizeBytes)
        guard payload.upperBound <= limit else {
            return end(.broken(reason: "the record reaches behind the end"))
        }
        guard window.has(payload) else { return .needs(head.lowerBound..<payload.upperBound) }
        guard Checksum.crc32c(window[payload].span) == record.payloadChecksum else {
            return end(.broken(reason: "the checksum of the record's payload does not match"))
        }
        chain = record.checksum
        wallMilliseconds = record.wallMilliseconds
        lengthBytes = LogRecordFormat.nextOffset(after: payload.upperBound, endsPage: false)
        offset = LogRecordFormat.nextOffset(
            after: payload.upperBound,
            endsPage: record.flags.contains(.endsPage)
        )
        return .record(record, payload: payload)
    }

    private mutating func end(_ stop: Stop) -> Step {
        self.stop = stop
        return .ended
    }
}

extension SegmentHeader {
    /// The whole header of a record of this segment at a body offset.
    func record(at offset: Int, in window: BodyWindow, _ seed: UInt32) -> LogRecordHeader? {
        LogRecordHeader(
            window.bytes,
            at: offset - window.start,
            segment: number,
            position: base.advanced(by: offset),
            seed: seed
        )
    }

    /// The first whole header in the window that knew the log to be synced beyond the body offset
    /// `broken`: the proof that what is broken there was once synced.
    func witness(against broken: Int, in window: BodyWindow, _ seed: UInt32) -> LogRecordHeader? {
        let position = base.advanced(by: broken)
        var candidate = window.start
        while candidate + LogRecordFormat.headerSize <= window.end {
            if mayBeRecord(at: candidate, in: window),
                let record = record(at: candidate, in: window, seed),
                record.syncedThrough > position
            {
                return record
            }
            candidate += LogRecordFormat.alignment
        }
        return nil
    }

    /// The two low bytes of the position: enough to pass over nearly everything.
    private func mayBeRecord(at offset: Int, in window: BodyWindow) -> Bool {
        let field = offset - window.start + LogRecordFormat.positionOffset
        return window.bytes.integer(UInt16.self, at: field)
            == UInt16(truncatingIfNeeded: base.rawValue &+ UInt64(offset))
    }

    /// Whether the bytes at a body offset were written in this life of the segment: position or
    /// segment number are right.
    ///
    /// A single damaged byte cannot spoil both.
    func hasWritten(at offset: Int, in window: BodyWindow) -> Bool {
        guard window.has(offset..<(offset + LogRecordFormat.headerSize)) else { return false }
        let place = offset - window.start
        let segment = window.bytes.integer(
            UInt32.self,
            at: place + LogRecordFormat.segmentOffset
        )
        let position = window.bytes.integer(
            UInt64.self,
            at: place + LogRecordFormat.positionOffset
        )
        return segment == number.rawValue
            || (position == base.advanced(by: offset).rawValue && position != 0)
    }
}
