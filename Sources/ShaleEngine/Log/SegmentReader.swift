internal import ShaleBytes

/// Reads the records of one started segment from its body's bytes, in order, checking every
/// checksum and the chain.
///
/// Total: any bytes give records and an end.
struct SegmentReader {
    /// Why reading ended.
    enum Stop: Equatable, Sendable {
        /// At the length that the next segment's header names, or at the end of the file.
        case complete
        /// What is at this body offset is not the next record of the chain.
        case broken(reason: String)
    }

    let header: SegmentHeader
    let seed: UInt32
    /// The bytes behind the header page.
    let body: [UInt8]
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

    init(_ header: SegmentHeader, body: [UInt8], limit: Int? = nil) {
        self.header = header
        self.body = body
        self.limit = min(limit ?? body.count, body.count)
        seed = header.identity.checksumSeed(at: 0)
        chain = header.checksum
    }

    /// The next record and the range of its payload in `body`; nil at the end (`stop` says which).
    mutating func next() -> (header: LogRecordHeader, payload: Range<Int>)? {
        guard stop == nil else { return nil }
        guard offset + LogRecordFormat.headerSize <= limit else {
            stop = offset >= limit ? .complete : .broken(reason: "no record fits before the end")
            return nil
        }
        guard let record = record(at: offset) else {
            stop = .broken(reason: "no record begins here")
            return nil
        }
        let payload = (offset + LogRecordFormat.headerSize)..<(offset + record.sizeBytes)
        guard record.previousChecksum == chain else {
            stop = .broken(reason: "the record does not follow the one before it")
            return nil
        }
        guard payload.upperBound <= limit else {
            stop = .broken(reason: "the record reaches behind the end")
            return nil
        }
        // Safety: every bit pattern of a byte is a byte; the range was checked.
        let checksum = unsafe Checksum.crc32c(body.span.bytes.extracting(payload))
        guard checksum == record.payloadChecksum else {
            stop = .broken(reason: "the checksum of the record's payload does not match")
            return nil
        }
        chain = record.checksum
        wallMilliseconds = record.wallMilliseconds
        lengthBytes = LogRecordFormat.nextOffset(after: payload.upperBound, endsPage: false)
        offset = LogRecordFormat.nextOffset(
            after: payload.upperBound,
            endsPage: record.flags.contains(.endsPage)
        )
        return (record, payload)
    }

    /// The first whole header behind `offset` that knew the log to be synced beyond it: the proof
    /// that what is broken at `offset` was once synced.
    func witness() -> LogRecordHeader? {
        let broken = header.base.advanced(by: offset)
        var candidate = offset
        while candidate + LogRecordFormat.headerSize <= body.count {
            if mayBeHeader(at: candidate), let record = record(at: candidate),
                record.syncedThrough > broken
            {
                return record
            }
            candidate += LogRecordFormat.alignment
        }
        return nil
    }

    /// Whether the bytes at `offset` were written in this life of the segment: position or segment
    /// number are right.
    ///
    /// A single damaged byte cannot spoil both.
    func wasWritten(at offset: Int) -> Bool {
        guard offset + LogRecordFormat.headerSize <= body.count else { return false }
        var reader = ByteReader(
            body,
            in: (offset + LogRecordFormat.segmentOffset)..<(offset + LogRecordFormat.headerSize)
        )
        do throws(Truncated) {
            let segment = try reader.read(UInt32.self)
            let position = try reader.read(UInt64.self)
            return segment == header.number.rawValue
                || (position == header.base.advanced(by: offset).rawValue && position != 0)
        } catch {
            return false
        }
    }

    private func record(at offset: Int) -> LogRecordHeader? {
        LogRecordHeader(
            body,
            at: offset,
            segment: header.number,
            position: header.base.advanced(by: offset),
            seed: seed
        )
    }

    /// The two low bytes of the position: enough to pass over nearly everything.
    private func mayBeHeader(at offset: Int) -> Bool {
        let position = header.base.rawValue + UInt64(offset)
        let field = offset + LogRecordFormat.positionOffset
        return body[field] == UInt8(truncatingIfNeeded: position)
            && body[field + 1] == UInt8(truncatingIfNeeded: position >> 8)
    }
}
