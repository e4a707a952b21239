internal import ShaleBytes

/// Everything that lies in the body of one life of a segment: every record that is whole, also behind
/// damage, and what lies between them.
///
/// Total: any bytes give pieces.
///
/// A record is known by its own header, whose checksum covers segment, identity and position; so
/// bytes of an earlier life are never taken for one.
struct SegmentScan {
    enum Piece: Equatable, Sendable {
        /// Header and payload, without the padding behind them.
        case record(LogRecordHeader)
        /// No whole record; empty where one follows that does not continue the chain.
        case broken(Range<Int>, reason: String)
        /// Behind the last whole record.
        case tail(Range<Int>)
    }

    let header: SegmentHeader
    let body: [UInt8]
    /// Without gaps, but for the padding behind records.
    private(set) var pieces: [Piece] = []

    /// Scans up to `limit`, where the log is known to have gone on in another segment.
    init(_ header: SegmentHeader, body: [UInt8], limit: Int? = nil) {
        self.header = header
        self.body = body
        let limit = max(0, min(limit ?? body.count, body.count))
        let seed = header.identity.checksumSeed(at: 0)
        var chain = header.checksum
        var offset = 0
        while offset < limit {
            guard let start = firstRecord(from: offset, limit, seed) else {
                pieces.append(.tail(offset..<limit))
                return
            }
            let record = start.record
            if start.offset > offset || record.previousChecksum != chain {
                let reason = reason(at: offset, start.offset, limit, seed)
                pieces.append(.broken(offset..<start.offset, reason: reason))
            }
            pieces.append(.record(record))
            chain = record.checksum
            offset = LogRecordFormat.nextOffset(
                after: start.offset + record.sizeBytes,
                endsPage: record.flags.contains(.endsPage)
            )
        }
    }

    /// Where a record's header begins in the body.
    func offset(of record: LogRecordHeader) -> Int {
        Int(record.position.rawValue - header.base.rawValue)
    }

    func payload(of record: LogRecordHeader) -> Range<Int> {
        let start = offset(of: record) + LogRecordFormat.headerSize
        return start..<(start + record.payloadLength)
    }

    /// The first piece behind the end of the log: a tail, or a break that nothing witnesses to have been
    /// synced.
    ///
    /// Recovery reads no further; a break before it is damage. `knownSynced` is what else is known to
    /// have been synced.
    func end(knownSynced: LogPosition) -> Int {
        var end = pieces.count
        var synced = knownSynced
        for index in pieces.indices.reversed() {
            switch pieces[index] {
            case .record(let record): synced = max(synced, record.syncedThrough)
            case .broken(let range, _), .tail(let range):
                if synced <= header.base.advanced(by: range.lowerBound) { end = index }
            }
        }
        return end
    }

    /// Whether the bytes at `offset` were written in this life, whole or not.
    func wasWritten(at offset: Int) -> Bool {
        body.withLentBytes { header.hasWritten(at: offset, in: BodyWindow(start: 0, bytes: $0)) }
    }

    /// Whether anything but zeros lies there.
    func isWritten(in range: Range<Int>) -> Bool { !body[range].allSatisfy { $0 == 0 } }

    /// Bytes of the record at `offset` if its header is whole, though its payload is not.
    func tornSize(at offset: Int) -> Int? {
        let seed = header.identity.checksumSeed(at: 0)
        return recordHeader(at: offset, seed)?.sizeBytes
    }

    private func firstRecord(
        from offset: Int,
        _ limit: Int,
        _ seed: UInt32
    ) -> (offset: Int, record: LogRecordHeader)? {
        var candidate = offset
        while candidate + LogRecordFormat.headerSize <= limit {
            if mayBeHeader(at: candidate), let record = recordHeader(at: candidate, seed),
                isWhole(record, limit)
            {
                return (candidate, record)
            }
            candidate += LogRecordFormat.alignment
        }
        return nil
    }

    private func recordHeader(at offset: Int, _ seed: UInt32) -> LogRecordHeader? {
        LogRecordHeader(
            body,
            at: offset,
            segment: header.number,
            position: header.base.advanced(by: offset),
            seed: seed
        )
    }

    private func isWhole(_ record: LogRecordHeader, _ limit: Int) -> Bool {
        let payload = payload(of: record)
        guard payload.upperBound <= limit else { return false }
        // Safety: every bit pattern of a byte is a byte; the range was checked.
        return unsafe Checksum.crc32c(body.span.bytes.extracting(payload)) == record.payloadChecksum
    }

    private func reason(at offset: Int, _ next: Int, _ limit: Int, _ seed: UInt32) -> String {
        guard next > offset else { return "the record does not follow the one before it" }
        guard let record = recordHeader(at: offset, seed) else { return "no record begins here" }
        return payload(of: record).upperBound > limit
            ? "the record reaches behind the end"
            : "the checksum of the record's payload does not match"
    }

    /// The two low bytes of the position: enough to pass over nearly everything.
    private func mayBeHeader(at offset: Int) -> Bool {
        let position = header.base.rawValue &+ UInt64(offset)
        let field = offset + LogRecordFormat.positionOffset
        return body[field] == UInt8(truncatingIfNeeded: position)
            && body[field + 1] == UInt8(truncatingIfNeeded: position >> 8)
    }
}

extension SegmentHeader {
    /// A header for a segment whose page is damaged, found by its first whole record: number and
    /// identity are known from the manifest.
    ///
    /// Nil if the body holds no record of it.
    init?(inferredFrom body: [UInt8], _ record: SegmentRecord) {
        let seed = record.identity.checksumSeed(at: 0)
        var offset = 0
        while offset + LogRecordFormat.headerSize <= body.count {
            if let found = LogRecordHeader(anywhereIn: body, at: offset, record.number, seed),
                found.position.rawValue >= UInt64(offset)
            {
                self.init(
                    number: record.number,
                    identity: record.identity,
                    base: LogPosition(found.position.rawValue - UInt64(offset)),
                    capacityBytes: record.capacityBytes,
                    previous: SegmentNumber(0),
                    previousChecksum: 0,
                    previousLengthBytes: 0
                )
                return
            }
            offset += LogRecordFormat.alignment
        }
        return nil
    }
}

extension LogRecordHeader {
    /// The whole header at `offset`, whatever position it was written at.
    fileprivate init?(
        anywhereIn bytes: [UInt8],
        at offset: Int,
        _ segment: SegmentNumber,
        _ seed: UInt32
    ) {
        let fields =
            (offset + LogRecordFormat.segmentOffset)..<(offset + LogRecordFormat.headerSize)
        var reader = ByteReader(bytes, in: fields)
        do throws(Truncated) {
            guard try reader.read(UInt32.self) == segment.rawValue else { return nil }
            let position = LogPosition(try reader.read(UInt64.self))
            self.init(bytes, at: offset, segment: segment, position: position, seed: seed)
        } catch {
            return nil
        }
    }
}
