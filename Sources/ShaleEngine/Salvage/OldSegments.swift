internal import ShalePlatform

/// The segments of a damaged database's log that were started, oldest first.
///
/// With a whole manifest they are those it names. With a damaged one every file that looks like a
/// segment is taken, but only as far back from the newest as each names the one before it: files
/// of earlier lives, whose writes are in the runs and may have been changed since, are left out.
struct OldSegments {
    struct Segment {
        var name: String
        var header: SegmentHeader
        /// Whether the header page is whole; else the header was inferred from a record.
        var isHeaderWhole: Bool
    }

    private let old: OldDatabase
    private let target: SalvageTarget

    init(_ old: OldDatabase, _ target: SalvageTarget) {
        self.old = old
        self.target = target
    }

    func started() -> [Segment] {
        var found: [Segment] = []
        for record in old.state.segments.values.sorted(by: { $0.number < $1.number }) {
            let name = record.file.fileName(SegmentFormat.fileSuffix)
            guard let bytes = read(name) else { continue }
            if let segment = segment(named: name, bytes, record) { found.append(segment) }
        }
        if old.isWhole { return withoutPassedOver(found) }
        let known = Set(found.map(\.name))
        for name in old.names where !known.contains(name) {
            guard FileNumber(name: name, suffix: SegmentFormat.fileSuffix) != nil,
                let bytes = read(name),
                let header = SegmentHeader(page: Array(bytes.prefix(SegmentFormat.headerSize)))
            else { continue }
            found.append(Segment(name: name, header: header, isHeaderWhole: true))
        }
        return connected(found.sorted { $0.header.number < $1.header.number })
    }

    private func read(_ name: String) -> [UInt8]? {
        do throws(EngineError) {
            return try old.read(name)
        } catch {
            target.report.unreadableFiles.append(
                UnreadableFile(file: name, reason: error.description)
            )
            return nil
        }
    }

    /// Nil if the segment was prepared and never started.
    private func segment(
        named name: String,
        _ bytes: [UInt8],
        _ record: SegmentRecord
    ) -> Segment? {
        let page = Array(bytes.prefix(SegmentFormat.headerSize))
        if let header = SegmentHeader(page: page) {
            // A whole page of another life is not damage: this one was not started yet, or, with a
            // damaged manifest, is over; then its records are stale, though they can be read.
            guard header.number == record.number, header.identity == record.identity else {
                return nil
            }
            return Segment(name: name, header: header, isHeaderWhole: true)
        }
        let body = Array(bytes.dropFirst(SegmentFormat.headerSize))
        guard let header = SegmentHeader(inferredFrom: body, record) else { return nil }
        target.report.notes.append(
            "\(name): the header page is not whole; records of the segment were found all the same"
        )
        return Segment(name: name, header: header, isHeaderWhole: false)
    }

    /// Without segments in which the log was to go on and could not: a later header passes over them.
    private func withoutPassedOver(_ segments: [Segment]) -> [Segment] {
        var kept: [Segment] = []
        for segment in segments.reversed() {
            if let next = kept.last, next.isHeaderWhole,
                next.header.previous < segment.header.number
            {
                continue
            }
            kept.append(segment)
        }
        return kept.reversed()
    }

    /// The newest segments without a gap between them.
    private func connected(_ segments: [Segment]) -> [Segment] {
        var kept: [Segment] = []
        for segment in segments.reversed() {
            if let next = kept.last, next.isHeaderWhole,
                next.header.previous != segment.header.number
            {
                target.report.notes.append(
                    "\(segment.name) was left out: it holds segment \(segment.header.number.rawValue) "
                        + "of the log, and the one behind it is not there, so it is of an earlier life or "
                        + "writes between are lost"
                )
                continue
            }
            kept.append(segment)
        }
        return kept.reversed()
    }
}
