internal import ShaleBytes
internal import ShalePlatform

/// Finds the log's segments and its end, and hands every record to a visitor in order.
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
    let segments: [Found]

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
        segments = found
    }

    private static func open(
        _ record: SegmentRecord,
        _ name: String,
        _ directory: String,
        _ files: any FileSystem,
        _ mode: OpenMode
    ) throws(EngineError) -> Found {
        do throws(FileError) {
            let file = try files.open(directory + "/" + name, mode)
            let page = try file.read(at: 0, count: SegmentFormat.headerSize)
            var header = SegmentHeader(page: page)
            if header?.number != record.number || header?.identity != record.identity {
                header = nil
            }
            return Found(record: record, file: file, header: header, name: name)
        } catch {
            guard error.code == .notFound else { throw EngineError(error) }
            throw EngineError(
                .corrupted,
                file: name,
                offset: nil,
                "this segment of the log is named by the manifest but is not there"
            )
        }
    }

    /// No file of the directory may hold a started segment that the manifest does not know: then it was
    /// the manifest that lost something.
    func requireNoOthers(
        in directory: String,
        _ files: any FileSystem
    ) throws(EngineError) {
        let known = Set(segments.map(\.record.file))
        let newest = segments.last { $0.header != nil }?.record.number ?? SegmentNumber(0)
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
                "the log goes on with segment \(error.reason) in \(error.path), which the manifest does "
                    + "not name: the manifest is damaged; `shale salvage` copies what is whole"
            )
        }
    }

    /// Replays; `visit` gets the position of each batch and its payload.
    func replay(
        _ visit: (LogPosition, LentBytes) throws(EngineError) -> Void
    ) throws(EngineError) -> Outcome {
        guard let last = segments.lastIndex(where: { $0.header != nil }) else {
            for segment in segments { try requireUnused(segment) }
            return Outcome(end: .nothing, nextBase: .zero, wallMilliseconds: 0)
        }
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
            try replay(
                segments[index],
                header,
                limit: limit,
                isLast: index == last,
                &outcome,
                visit
            )
        }
        for segment in segments[(last + 1)...] { try requireUnused(segment) }
        return outcome
    }

    private func replay(
        _ segment: Found,
        _ header: SegmentHeader,
        limit: Int?,
        isLast: Bool,
        _ outcome: inout Outcome,
        _ visit: (LogPosition, LentBytes) throws(EngineError) -> Void
    ) throws(EngineError) {
        var reader = SegmentReader(header, body: try body(of: segment), limit: limit)
        while let (record, payload) = reader.next() {
            outcome.records += 1
            outcome.bytes += record.sizeBytes
            if record.kind == .batch {
                try reader.body.withLentBytes { body throws(EngineError) in
                    try visit(record.position, body[payload])
                }
            } else if let witness = LogRecordHeader.ManifestWitness(payload: reader.body[payload]) {
                outcome.manifest = witness
            }
        }
        if case .broken(let reason) = reader.stop {
            guard isLast else { throw damage(segment, at: reader.fileOffset, reason) }
            try requireTorn(reader, segment, reason)
            if reader.wasWritten(at: reader.offset) {
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

    /// The log ends inside the last segment: only if nothing says that it went on.
    private func requireTorn(
        _ reader: SegmentReader,
        _ segment: Found,
        _ reason: String
    ) throws(EngineError) {
        let broken = reader.header.base.advanced(by: reader.offset)
        if let witness = reader.witness() {
            throw damage(
                segment,
                at: reader.fileOffset,
                "\(reason), but the record at \(witness.position) knew the log to be synced through "
                    + "\(witness.syncedThrough)"
            )
        }
        if broken < state.logSyncedThrough {
            throw damage(
                segment,
                at: reader.fileOffset,
                "\(reason), but the manifest knows the log to be synced through "
                    + "\(state.logSyncedThrough)"
            )
        }
        guard let closedAt = state.closedAt, broken <= closedAt else { return }
        if broken < closedAt || reader.wasWritten(at: reader.offset) {
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
        if LogRecordHeader.isWhole(first, segment: segment.record.number, seed: seed) {
            throw damage(
                segment,
                at: 0,
                "the header page of a log segment that holds records is not whole"
            )
        }
    }

    private func body(of segment: Found) throws(EngineError) -> [UInt8] {
        do throws(FileError) {
            return try segment.file.read(
                at: SegmentFormat.headerSize,
                count: segment.record.capacityBytes
            )
        } catch {
            throw EngineError(error)
        }
    }

    private func damage(_ segment: Found, at offset: Int, _ reason: String) -> EngineError {
        EngineError(
            .corrupted,
            file: segment.name,
            offset: offset,
            "\(reason); `shale salvage` copies what is whole into a new database"
        )
    }
}
