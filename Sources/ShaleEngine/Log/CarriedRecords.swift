internal import ShaleBytes

/// Records of a segment that failed, made ready for the segment in which the log goes on.
///
/// Every record keeps its position; segment, chain and checksum are new. Where two do not follow each
/// other at once, as at the border between two segments, the first one ends its page.
struct CarriedRecords {
    private struct Record {
        var header: LogRecordHeader
        /// Offset of the payload in `bytes` of its source.
        var payload: Range<Int>
        var source: Int
    }

    private var sources: [[UInt8]] = []
    private var records: [Record] = []

    /// Adds written records as they lie in a segment, from `end`'s record on: all of them are whole, or
    /// they are none of ours.
    /// - Returns: whether they end as `tail` says.
    mutating func add(
        written bytes: [UInt8],
        from start: LogPosition,
        after end: LogEnd,
        to tail: LogLane.Tail,
        seed: UInt32
    ) -> Bool {
        let first = Int(start.rawValue - tail.base.rawValue)
        var offset = first
        var last = end
        while last != tail.end {
            guard
                let header = LogRecordHeader(
                    bytes,
                    at: offset - first,
                    segment: end.segment,
                    position: tail.base.advanced(by: offset),
                    seed: seed
                ), header.previousChecksum == last.checksum
            else { return false }
            let payload =
                (offset - first + LogRecordFormat.headerSize)..<(offset - first + header.sizeBytes)
            guard payload.upperBound <= bytes.count, Self.isWhole(bytes, payload, header) else {
                return false
            }
            records.append(Record(header: header, payload: payload, source: sources.count))
            let end = offset + header.sizeBytes
            last.checksum = header.checksum
            last.lengthBytes = LogRecordFormat.nextOffset(after: end, endsPage: false)
            let endsPage = header.flags.contains(.endsPage)
            offset = LogRecordFormat.nextOffset(after: end, endsPage: endsPage)
        }
        sources.append(bytes)
        return true
    }

    private static func isWhole(
        _ bytes: [UInt8],
        _ payload: Range<Int>,
        _ header: LogRecordHeader
    ) -> Bool {
        // Safety: every bit pattern of a byte is a byte; the range was checked.
        unsafe Checksum.crc32c(bytes.span.bytes.extracting(payload)) == header.payloadChecksum
    }

    /// Adds a group's records, whose time is `now`.
    mutating func add(_ group: LogGroup, syncedThrough: LogPosition, now: Int64) {
        var offset = 0
        while offset < group.recordBytes {
            var header = LogRecordHeader(words: group.bytes.words(at: offset))
            header.syncedThrough = syncedThrough
            header.wallMilliseconds = now
            let start = offset + LogRecordFormat.headerSize
            let payload = start..<(start + header.payloadLength)
            records.append(Record(header: header, payload: payload, source: sources.count))
            offset += LogGroup.sizeBytes(payload: header.payloadLength)
        }
        sources.append(group.bytes)
    }

    /// The body of the segment that `header` begins, up to `next`, where the next record will be.
    /// - Returns: its bytes in whole pages, and how the log ends with them.
    func body(
        of segment: LogSegment,
        _ header: SegmentHeader,
        before next: LogPosition
    ) -> (bytes: [UInt8], end: LogEnd) {
        var bytes: [UInt8] = []
        var end = LogEnd(segment: header.number, lengthBytes: 0, checksum: header.checksum)
        for (index, record) in records.enumerated() {
            let offset = Int(record.header.position.rawValue - header.base.rawValue)
            bytes.append(contentsOf: repeatElement(0, count: offset - bytes.count))
            let following =
                index + 1 < records.count ? records[index + 1].header.position : next
            let size = LogGroup.sizeBytes(payload: record.payload.count)
            var copy = record.header
            copy.segment = header.number
            copy.previousChecksum = end.checksum
            copy.flags.remove(.carried)
            if index == 0 { copy.flags.insert(.carried) }
            if following > copy.position.advanced(by: size) { copy.flags.insert(.endsPage) }
            copy.seal(seed: segment.seed)
            bytes.append(copy.words)
            bytes.append(contentsOf: sources[record.source][record.payload])
            end.checksum = copy.checksum
            end.lengthBytes = offset + size
        }
        let page = LogRecordFormat.pageSize
        let whole = (end.lengthBytes + page - 1) / page * page
        bytes.append(contentsOf: repeatElement(0, count: whole - bytes.count))
        return (bytes, end)
    }
}
