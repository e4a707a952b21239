internal import ShaleBytes
internal import ShalePlatform

/// Finds the log's segments and its end, and hands every record to those who replay it.
///
/// - All segments but the last end where the next one's header says; every byte of their records
///   must be whole.
/// - In the last segment the log ends at the first record that is not whole. If anything witnesses that
///   the log was synced beyond that place (a later record, the manifest, a clean close), it is damage and
///   the database is not opened. Otherwise it is the torn tail of a crash and is cut.
/// - A prepared segment without a header was never written to, unless a record lies in it: then its header
///   is damaged.
struct LogRecovery {
    /// A segment that was found.
    struct Found: Sendable {
        var record: SegmentRecord
        var file: any File
        /// Nil: prepared but never started.
        var header: SegmentHeader?
        var name: String
    }

    /// What recovery found out.
    struct Outcome: Sendable {
        var end: LogEnd
        /// The position of the end.
        var endPosition = LogPosition.zero
        /// Where the next segment's body begins.
        var nextBase: LogPosition
        var wallMilliseconds: Int64
        var records = 0
        var bytes = 0
        var cut: (file: String, offset: Int)?
        /// What the last mark or seal said of the manifest.
        var manifest: LogRecordHeader.ManifestWitness?
    }

    let state: ManifestState
    /// Those that the log consists of, and prepared ones behind them.
    let segments: [Found]
    /// Segments in which the log was to go on and could not: it went on in a later one.
    let passedOver: [SegmentRecord]

    /// Opens the segments that the manifest names.
    init(
        _ state: ManifestState,
        in directory: String,
        _ files: any FileSystem,
        _ mode: OpenMode
    ) throws(EngineError) {
        self.state = state
        var found: [Found] = []
        for record in state.segments.values.sorted(by: { $0.number < $1.number }) {
            let name = record.file.fileName(SegmentFormat.fileSuffix)
            found.append(try Self.open(record, name, directory, files, mode))
        }
        (segments, passedOver) = Self.connected(found)
    }

    /// Tells apart segments that a later one's header passes over: those between it and the one that it
    /// follows.
    private static func connected(_ found: [Found]) -> ([Found], [SegmentRecord]) {
        var kept: [Found] = []
        var passedOver: [SegmentRecord] = []
        var follower: SegmentHeader?
        for segment in found.reversed() {
            if let follower, segment.record.number > follower.previous {
                segment.file.close()
                passedOver.append(segment.record)
                continue
            }
            kept.append(segment)
            // One without a header, before one with a header, is damaged: replay will say so.
            follower = segment.header ?? follower
        }
        return (kept.reversed(), passedOver)
    }

    private static func open(
        _ record: SegmentRecord,
        _ name: String,
        _ directory: String,
        _ files: any FileSystem,
        _ mode: OpenMode
    ) throws(EngineError) -> Found {
        let file: any File
        let size: Int
        let page: [UInt8]
        do throws(FileError) {
            file = try files.open(directory + "/" + name, mode)
            size = try file.sizeBytes()
            page = try file.read(at: 0, count: SegmentFormat.headerSize)
        } catch {
            guard error.code == .notFound else { throw EngineError(error) }
            throw EngineError(
                .corrupted,
                file: name,
                offset: nil,
                "this segment of the log is named by the manifest but is not there"
            )
        }
        // A segment has all of its length, synced, before the manifest names it: the log ends in zeros, and
        // not at the end of a file.
        guard size - SegmentFormat.headerSize >= record.capacityBytes else {
            throw EngineError(
                .corrupted,
                file: name,
                offset: size,
                "this segment of the log was cut off: it has \(size) bytes, the manifest knows of "
                    + "\(record.capacityBytes) behind the header page; `shale salvage` copies what is whole"
            )
        }
        var header = SegmentHeader(page: page)
        if header?.number != record.number || header?.identity != record.identity { header = nil }
        return Found(record: record, file: file, header: header, name: name)
    }

    /// No file of the directory may hold a started segment that the manifest does not know: then it was
    /// the manifest that lost something.
    func requireNoOthers(
        in directory: String,
        _ files: any FileSystem,
        manifestEnd: Int
    ) throws(EngineError) {
        let known = Set(segments.map(\.record.file))
        // One that is older than any the manifest names was named once, and freed.
        let newest = segments.last?.record.number ?? SegmentNumber(0)
        do throws(FileError) {
            for name in try files.list(directory) {
                guard let number = FileNumber(name: name, suffix: SegmentFormat.fileSuffix),
                    !known.contains(number)
                else { continue }
                let file = try files.open(directory + "/" + name, .read)
                defer { file.close() }
                let page = try file.read(at: 0, count: SegmentFormat.headerSize)
                guard let header = SegmentHeader(page: page), header.number > newest else {
                    continue
                }
                throw FileError(.inputOutput, "unknown segment", name, "\(header.number.rawValue)")
            }
        } catch {
            guard error.operation == "unknown segment" else { throw EngineError(error) }
            throw EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                offset: manifestEnd,
                "the log goes on with segment \(error.reason) in \(error.path), which the manifest does "
                    + "not name: the manifest is damaged; `shale salvage` copies what is whole"
            )
        }
    }

    /// Replays: `crew` gets all batches, piece by piece, and has finished with them when this returns.
    func replay(_ crew: ReplayCrew) throws(EngineError) -> Outcome {
        guard let last = segments.lastIndex(where: { $0.header != nil }) else {
            for segment in segments { try requireUnused(segment) }
            return Outcome(end: .nothing, nextBase: .zero, wallMilliseconds: 0)
        }
        // Whatever goes wrong, nobody works on when the answer is there.
        defer { crew.finish() }
        var outcome = Outcome(end: .nothing, nextBase: .zero, wallMilliseconds: 0)
        for index in 0...last {
            guard let header = segments[index].header else {
                throw damage(
                    segments[index],
                    at: 0,
                    "the header page of a log segment is not whole"
                )
            }
            if index > 0 { try requireFollows(header, outcome.end, segments[index]) }
            let limit = index < last ? segments[index + 1].header?.previousLengthBytes : nil
            try replay(segments[index], header, limit, isLast: index == last, &outcome, crew)
        }
        for segment in segments[(last + 1)...] { try requireUnused(segment) }
        return outcome
    }

    private func replay(
        _ segment: Found,
        _ header: SegmentHeader,
        _ limit: Int?,
        isLast: Bool,
        _ outcome: inout Outcome,
        _ crew: ReplayCrew
    ) throws(EngineError) {
        let size = try bodyBytes(of: segment)
        var reader = SegmentReader(header, limit: min(limit ?? size, size))
        var isAtEnd = false
        while !isAtEnd {
            let piece = crew.emptyPiece()
            isAtEnd = try piece.fill(from: segment, size, &reader, &outcome)
            crew.add(piece)
        }
        if case .broken(let reason) = reader.stop {
            guard isLast else { throw damage(segment, at: reader.fileOffset, reason) }
            if try endsWritten(reader, segment, size, reason) {
                outcome.cut = (segment.name, reader.fileOffset)
            }
        }
        outcome.end = LogEnd(
            segment: header.number,
            lengthBytes: reader.lengthBytes,
            checksum: reader.chain
        )
        outcome.endPosition = header.base.advanced(by: reader.lengthBytes)
        let page = LogRecordFormat.pageSize
        outcome.nextBase = header.base.advanced(by: (reader.lengthBytes + page - 1) / page * page)
        outcome.wallMilliseconds = max(outcome.wallMilliseconds, reader.wallMilliseconds)
    }

    /// How much there is behind the header page.
    private func bodyBytes(of segment: Found) throws(EngineError) -> Int {
        do throws(FileError) {
            let size = try segment.file.sizeBytes() - SegmentFormat.headerSize
            return max(0, min(size, segment.record.capacityBytes))
        } catch {
            throw EngineError(error)
        }
    }

    /// Looks through what lies behind the last whole record of the log: nothing may witness that the log
    /// went on.
    /// - Returns: whether a torn record is there.
    private func endsWritten(
        _ reader: SegmentReader,
        _ segment: Found,
        _ size: Int,
        _ reason: String
    ) throws(EngineError) -> Bool {
        let header = reader.header
        var buffer = ByteBuffer()
        var isWritten = false
        var start = reader.offset
        while start < size {
            try buffer.read(from: segment, start..<min(size, start + ReplayPiece.usualBytes))
            let window = BodyWindow(start: start, bytes: buffer.lent)
            if start == reader.offset { isWritten = header.hasWritten(at: start, in: window) }
            let witness = header.witness(against: reader.offset, in: window, reader.seed)
            if let witness {
                throw damage(
                    segment,
                    at: reader.fileOffset,
                    "\(reason), but the record at \(witness.position) knew the log to be synced through "
                        + "\(witness.syncedThrough)"
                )
            }
            // A header may lie across the border.
            let next = window.end - LogRecordFormat.headerSize + LogRecordFormat.alignment
            guard window.end < size, next > start else { break }
            start = next
        }
        try requireTorn(reader, segment, isWritten: isWritten, reason)
        return isWritten
    }

    /// The log ends inside the last segment: only if neither manifest nor seal say that it went on.
    private func requireTorn(
        _ reader: SegmentReader,
        _ segment: Found,
        isWritten: Bool,
        _ reason: String
    ) throws(EngineError) {
        let broken = reader.header.base.advanced(by: reader.offset)
        if broken < state.logSyncedThrough {
            throw damage(
                segment,
                at: reader.fileOffset,
                "\(reason), but the manifest knows the log to be synced through "
                    + "\(state.logSyncedThrough)"
            )
        }
        guard let closedAt = state.closedAt, broken <= closedAt else { return }
        if broken < closedAt || isWritten {
            throw damage(
                segment,
                at: reader.fileOffset,
                "\(reason), but the database was closed cleanly with its seal at \(closedAt)"
            )
        }
    }

    private func requireFollows(
        _ header: SegmentHeader,
        _ end: LogEnd,
        _ segment: Found
    ) throws(EngineError) {
        guard header.previous == end.segment, header.previousChecksum == end.checksum,
            header.previousLengthBytes == end.lengthBytes
        else {
            throw damage(
                segment,
                at: 0,
                "the segment follows segment \(header.previous.rawValue) at length "
                    + "\(header.previousLengthBytes), but the log before it ends in segment "
                    + "\(end.segment.rawValue) at length \(end.lengthBytes)"
            )
        }
    }

    /// A segment without a header must hold no record of its life.
    ///
    /// Carried records come before the header page, as long as nothing behind them knows them synced. What
    /// has destroyed the header may have gone on into the body: so where no record begins it, a later one
    /// that knew the log to be synced is looked for as well.
    private func requireUnused(_ segment: Found) throws(EngineError) {
        guard segment.header == nil else { return }
        let first: [UInt8]
        do throws(FileError) {
            first = try segment.file.read(
                at: SegmentFormat.headerSize,
                count: LogRecordFormat.headerSize
            )
        } catch {
            throw EngineError(error)
        }
        let seed = segment.record.identity.checksumSeed(at: 0)
        let record = LogRecordHeader(wholeIn: first, segment: segment.record.number, seed: seed)
        let isDamaged: Bool
        if let record {
            let isCarried = record.flags.contains(.carried)
            isDamaged = isCarried ? try hasWitness(segment, within: .max) : true
        } else {
            isDamaged = try hasWitness(segment, within: Self.unusedLookBytes)
        }
        guard !isDamaged else {
            throw damage(
                segment,
                at: 0,
                "the header page of a log segment that holds records is not whole"
            )
        }
    }

    /// Whether a record of a segment without a header knew the log to be synced beyond the segment's
    /// beginning.
    private func hasWitness(_ segment: Found, within bytes: Int) throws(EngineError) -> Bool {
        let body: [UInt8]
        do throws(FileError) {
            body = try segment.file.read(
                at: SegmentFormat.headerSize,
                count: min(bytes, segment.record.capacityBytes)
            )
        } catch {
            throw EngineError(error)
        }
        guard let header = SegmentHeader(inferredFrom: body, segment.record) else { return false }
        let seed = header.identity.checksumSeed(at: 0)
        return body.withLentBytes { bytes in
            header.witness(against: 0, in: BodyWindow(start: 0, bytes: bytes), seed) != nil
        }
    }

    /// More than a disk loses in one piece.
    private static let unusedLookBytes = 256 * 1024

    private func damage(_ segment: Found, at offset: Int, _ reason: String) -> EngineError {
        EngineError(
            .corrupted,
            file: segment.name,
            offset: offset,
            "\(reason); `shale salvage` copies what is whole into a new database"
        )
    }
}
