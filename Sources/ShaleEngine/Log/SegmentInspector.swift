internal import ShaleBytes

/// Explains every byte of a log segment, in the order of the file: for `shale inspect`.
///
/// The header page says whose life of the file it is; the records of that life are explained, and what
/// lies behind them told apart: zeros, a torn record, bytes of an earlier life.
struct SegmentInspector {
    private let page: [UInt8]
    private let body: [UInt8]
    private let role: SegmentRole
    private var sizeBytes: Int { page.count + body.count }

    init(_ bytes: [UInt8], _ role: SegmentRole) {
        page = Array(bytes.prefix(SegmentFormat.headerSize))
        body = Array(bytes.dropFirst(SegmentFormat.headerSize))
        self.role = role
    }

    func parts() -> [FilePart] {
        let pageRange = 0..<page.count
        if let header = SegmentHeader(page: page) {
            let isEarlierLife =
                if case .segment(let record) = role {
                    record.number != header.number || record.identity != header.identity
                } else { role == .spare }
            var lines = header.lines + role.words
            if isEarlierLife { lines.append("not started since: this page is of an earlier life") }
            let what = isEarlierLife ? "header page of an earlier life" : "header page"
            return [FilePart(pageRange, what, lines)] + records(header)
        }
        if case .segment(let record) = role,
            let header = SegmentHeader(inferredFrom: body, record)
        {
            let lines = ["not whole, though records of this segment follow"] + role.words
            return [FilePart(pageRange, "header page", lines, isDamaged: true)] + records(header)
        }
        guard page.allSatisfy({ $0 == 0 }) else {
            let lines = ["the page is not whole: of a file that is no segment, torn, or damaged"]
            return [FilePart(pageRange, "header page", lines + role.words, isDamaged: true)]
                + unused(0..<body.count)
        }
        let lines = ["zeros: prepared, never started"] + role.words
        return [FilePart(pageRange, "header page, not written", lines)] + unused(0..<body.count)
    }

    private func records(_ header: SegmentHeader) -> [FilePart] {
        let scan = SegmentScan(header, body: body)
        let end = scan.end(knownSynced: .zero)
        var parts: [FilePart] = []
        for (index, piece) in scan.pieces.enumerated() {
            switch piece {
            case .record(let record):
                parts.append(part(of: record, scan, isBehindEnd: index > end))
                parts += padding(behind: record, scan)
            case .broken(let range, let reason) where index < end:
                let lines = [
                    reason, "a later record knew the log to be synced beyond: this is damage",
                ]
                parts.append(FilePart(inFile(range), "damaged", lines, isDamaged: true))
            case .broken(let range, _), .tail(let range):
                parts += torn(range, scan, isEnd: index == end)
            }
        }
        return parts.filter { $0.sizeBytes > 0 }
    }

    private func part(
        of record: LogRecordHeader,
        _ scan: SegmentScan,
        isBehindEnd: Bool
    ) -> FilePart {
        let offset = scan.offset(of: record)
        var lines = record.lines
        if isBehindEnd { lines.append("behind the end of the log: recovery does not read it") }
        let payload = Array(body[scan.payload(of: record)])
        lines += record.kind == .batch ? Self.batch(payload, record.position) : Self.mark(payload)
        return FilePart(inFile(offset..<(offset + record.sizeBytes)), record.kind.words, lines)
    }

    private static func batch(_ payload: [UInt8], _ position: LogPosition) -> [String] {
        guard let writes = BatchFormat.decode(payload) else {
            return ["the payload's checksum is right, but it is not a batch"]
        }
        return ["\(writes.count) write\(writes.count == 1 ? "" : "s")"]
            + writes.map { write in
                let key = EntryKey.words(of: write.key(at: position).bytes)
                guard let value = write.value else { return "delete \(write.table), \(key)" }
                return "put \(write.table), \(key), value of \(value.count) bytes"
            }
    }

    private static func mark(_ payload: [UInt8]) -> [String] {
        let witness = payload.withLentBytes { LogRecordHeader.ManifestWitness(payload: $0) }
        if payload.allSatisfy({ $0 == 0 }) { return ["zeros: says nothing of the manifest"] }
        guard let witness else {
            return ["the payload's checksum is right, but it is not that of a mark"]
        }
        return [
            "manifest of generation \(witness.generation) synced through "
                + "\(witness.lengthBytes) bytes"
        ]
    }

    /// What lies between a record and the place where the next one begins.
    private func padding(behind record: LogRecordHeader, _ scan: SegmentScan) -> [FilePart] {
        let start = scan.payload(of: record).upperBound
        let endsPage = record.flags.contains(.endsPage)
        let next = LogRecordFormat.nextOffset(after: start, endsPage: endsPage)
        let range = start..<min(next, body.count)
        guard !range.isEmpty else { return [] }
        let isZero = body[range].allSatisfy { $0 == 0 }
        let place = endsPage ? "to the end of the page" : "to the next multiple of 8"
        let lines = isZero ? ["zeros, \(place)"] : ["\(place); not zeros, though nobody reads them"]
        return [FilePart(inFile(range), "padding", lines)]
    }

    /// Behind the end of the log: a record that is not whole, then what was there before.
    private func torn(_ range: Range<Int>, _ scan: SegmentScan, isEnd: Bool) -> [FilePart] {
        guard isEnd, scan.wasWritten(at: range.lowerBound) else { return unused(range) }
        let page = LogRecordFormat.pageSize
        let size = scan.tornSize(at: range.lowerBound)
        let end = range.lowerBound + (size ?? LogRecordFormat.headerSize)
        let unit = size == nil ? page : LogRecordFormat.alignment
        let torn = range.lowerBound..<min((end + unit - 1) / unit * unit, range.upperBound)
        let lines = ["begun in this life and not whole: a crash, or damage in the last group"]
        return [FilePart(inFile(torn), "torn record, cut by recovery", lines)]
            + unused(torn.upperBound..<range.upperBound)
    }

    /// Stretches of pages that are zero and of pages that are not.
    private func unused(_ range: Range<Int>) -> [FilePart] {
        var parts: [FilePart] = []
        var offset = range.lowerBound
        var start = offset
        var isZero: Bool?
        func close() {
            guard let isZero, start < offset else { return }
            let stretch = inFile(start..<offset)
            let lines = ["not a record of this life: of an earlier one, or of a torn write"]
            parts.append(
                isZero
                    ? FilePart(stretch, "zeros", ["not written"])
                    : FilePart(stretch, "stale bytes of an earlier life of this file", lines)
            )
            start = offset
        }
        while offset < range.upperBound {
            let page = LogRecordFormat.pageSize
            let next = min((offset / page + 1) * page, range.upperBound)
            let isZeroHere = body[offset..<next].allSatisfy { $0 == 0 }
            if isZero != isZeroHere { close() }
            isZero = isZeroHere
            offset = next
        }
        close()
        return parts
    }

    private func inFile(_ range: Range<Int>) -> Range<Int> {
        (range.lowerBound + SegmentFormat.headerSize)..<(range.upperBound
            + SegmentFormat.headerSize)
    }
}

extension SegmentHeader {
    fileprivate var lines: [String] {
        [
            "magic SHALELOG, format version \(SegmentFormat.version)",
            "segment \(number.rawValue), identity \(identity)",
            "first position \(base), capacity \(capacityBytes) bytes",
            previous.rawValue == 0
                ? "the first segment of the log"
                : "follows segment \(previous.rawValue), which ends at \(previousLengthBytes) bytes "
                    + "with checksum \(Hexadecimal.text(previousChecksum))",
            "checksum \(Hexadecimal.text(checksum)) ok",
        ]
    }
}

extension LogRecordHeader {
    fileprivate var lines: [String] {
        [
            "position \(position), segment \(segment.rawValue), payload of \(payloadLength) bytes"
                + (flags.contains(.endsPage) ? ", ends its page" : ""),
            "synced through \(syncedThrough), wall clock \(wallMilliseconds) ms",
            "header checksum \(Hexadecimal.text(checksum)) ok, payload checksum "
                + "\(Hexadecimal.text(payloadChecksum)) ok, follows "
                + Hexadecimal.text(previousChecksum),
        ]
    }
}

extension LogRecordKind {
    fileprivate var words: String {
        switch self {
        case .batch: "record: batch"
        case .syncMark: "record: sync mark"
        case .seal: "record: seal"
        }
    }
}
