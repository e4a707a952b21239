internal import ShalePlatform

/// Copies the writes of the log that are not in the runs, in the order of their positions: from every
/// record that is whole, also behind damage.
///
/// The end of the log is where recovery would find it: a torn tail, which nothing witnesses to have
/// been synced, is cut and not lost.
struct SalvageLog {
    private let old: OldDatabase
    private let target: SalvageTarget
    private let partitions: [TableID: [PartitionRecord]]

    init(_ old: OldDatabase, into target: SalvageTarget) {
        self.old = old
        self.target = target
        partitions = old.partitions
    }

    func copy() throws(EngineError) {
        let segments = OldSegments(old, target).started()
        for (index, segment) in segments.enumerated() {
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            target.reading(segment.name)
            // What is readable was read once already: it is an error of the disk now.
            let bytes = try old.read(segment.name)
            let body = Array(bytes.dropFirst(SegmentFormat.headerSize))
            let scan = SegmentScan(
                segment.header,
                body: body,
                limit: Self.length(of: segment, before: next, body.count)
            )
            try copy(scan, segment, isLast: next == nil)
            if let next { requireConnected(segment, next) }
        }
    }

    /// Where the segment ends: its successor was started there.
    private static func length(
        of segment: OldSegments.Segment,
        before next: OldSegments.Segment?,
        _ capacity: Int
    ) -> Int {
        guard let next else { return capacity }
        if next.isHeaderWhole, next.header.previous == segment.header.number {
            return min(capacity, next.header.previousLengthBytes)
        }
        let (start, base) = (segment.header.base.rawValue, next.header.base.rawValue)
        return min(capacity, Int(clamping: base > start ? base - start : 0))
    }

    private func requireConnected(_ segment: OldSegments.Segment, _ next: OldSegments.Segment) {
        guard next.isHeaderWhole, next.header.previous != segment.header.number else { return }
        lose(
            next.name,
            0,
            "segment \(next.header.previous.rawValue) of the log, which lies before this one, is not there"
        )
    }

    private func copy(
        _ scan: SegmentScan,
        _ segment: OldSegments.Segment,
        isLast: Bool
    ) throws(EngineError) {
        var synced = LogPosition(.max)
        if isLast {
            // The seal lies behind `closedAt`, and a clean close writes it.
            synced = max(old.state.logSyncedThrough, old.state.closedAt?.advanced(by: 1) ?? .zero)
        }
        let end = scan.end(knownSynced: synced)
        for (index, piece) in scan.pieces[..<end].enumerated() {
            switch piece {
            case .record(let record): try apply(record, scan, segment)
            case .broken(let range, let reason):
                // The chain of a segment whose header was inferred begins nowhere.
                guard index > 0 || segment.isHeaderWhole || !range.isEmpty else { continue }
                lose(segment, range, scan, reason)
            case .tail(let range):
                guard scan.isWritten(in: range) || isLast else { continue }
                lose(segment, range, scan, "the log is known to go on here")
            }
        }
        guard end < scan.pieces.count else { return }
        switch scan.pieces[end] {
        case .broken(let range, _), .tail(let range):
            guard isLast, scan.wasWritten(at: range.lowerBound) else { return }
            let offset = SegmentFormat.headerSize + range.lowerBound
            target.report.notes.append(
                "\(segment.name), offset \(offset): the torn tail of the log was cut, as recovery does"
            )
        case .record: break
        }
    }

    private func lose(
        _ segment: OldSegments.Segment,
        _ range: Range<Int>,
        _ scan: SegmentScan,
        _ reason: String
    ) {
        let from = scan.header.base.advanced(by: range.lowerBound)
        let to = scan.header.base.advanced(by: range.upperBound)
        lose(
            segment.name,
            SegmentFormat.headerSize + range.lowerBound,
            "\(reason); the log from \(from) to \(to) could not be read"
        )
    }

    private func lose(_ file: String, _ offset: Int, _ reason: String) {
        target.report.lost.append(LostRange(file: file, offset: offset, reason: reason))
    }

    private func apply(
        _ record: LogRecordHeader,
        _ scan: SegmentScan,
        _ segment: OldSegments.Segment
    ) throws(EngineError) {
        guard record.kind == .batch else { return }
        let payload = scan.payload(of: record)
        guard let writes = BatchFormat.decode(Array(scan.body[payload])) else {
            let offset = SegmentFormat.headerSize + scan.offset(of: record)
            return lose(segment.name, offset, "the record is whole but not a batch")
        }
        for write in writes {
            if !target.has(write.table) {
                // Numbers below the next one that are not there were dropped.
                guard !old.isWhole, write.table >= old.state.next.table else { continue }
                try target.adoptReseeded(write.table)
            }
            let key = write.key(at: record.position).bytes
            if let flushed = flushedThrough(write.table, key), record.position < flushed {
                continue
            }
            try target.add(write.table, key, write.value)
        }
    }

    /// Writes before this position are in the runs of the key's partition.
    private func flushedThrough(_ table: TableID, _ key: [UInt8]) -> LogPosition? {
        guard let partitions = partitions[table] else { return nil }
        var low = 0
        var high = partitions.count
        while low < high {
            let middle = (low + high) / 2
            if KeyOrder.isAscending(key, partitions[middle].lower) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low > 0 ? partitions[low - 1].flushedThrough : nil
    }
}
