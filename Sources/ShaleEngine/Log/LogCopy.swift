internal import ShaleBytes
internal import ShalePlatform

/// Copies a stretch of a living log into another directory, as the one segment of a log of its own.
///
/// A checkpoint takes only what its runs do not have: mostly a few pages of a segment of 64 MiB. So the stretch gets
/// a header page of its own, and what ties records to their segment is made anew: number, chain, checksum. Their
/// positions, payloads and wall clocks stay as they are. What comes out is an ordinary segment, for every reader:
///
///     living   | page | record | record | record | record | page | record | record | free |
///                                       ^ from                            ^ through
///     copy                     | page | mark | record | record | record |
///
/// Positions and offsets agree modulo a page, so a sync mark fills the body up to the first record. Every checksum is
/// checked on the way: damage ends the copy with an error and is not copied.
struct LogCopy {
    /// The directory of the living log.
    let directory: String
    let files: any FileSystem
    /// Segments that somebody holds, the oldest first.
    let live: [SegmentStore.Live]
    /// No record before it is needed; a record begins there.
    let from: LogPosition
    /// Behind the last record; synced.
    let through: LogPosition

    private static let windowBytes = 1024 * 1024

    /// Writes the segment into the directory `path` and syncs it.
    /// - Returns: what the manifest there is to say of it.
    /// - Throws: `.corrupted` where the living log is damaged; else as the file system.
    func write(to path: String, _ identity: FileIdentity) throws(EngineError) -> SegmentRecord {
        let sources = try openSources()
        defer { for source in sources { source.file.close() } }
        guard let first = sources.first, let last = sources.last else {
            preconditionFailure("what is synced lies in a started segment")
        }
        var reader = try firstReader(first)
        let start = first.header.base.advanced(by: reader.offset)
        var writer = try LogCopyWriter(start..<through, last.record, identity, in: path, files)
        defer { writer.close() }
        for (index, source) in sources.enumerated() {
            if index > 0 { reader = SegmentReader(source.header, limit: source.limit) }
            try copy(source, &reader, into: &writer)
        }
        try writer.finish()
        return writer.record
    }

    /// A segment to copy from.
    private struct Source {
        var record: SegmentRecord
        var name: String
        var file: any File
        var header: SegmentHeader
        /// Its records end here; the last one's at `through`.
        var limit: Int

        func read(at offset: Int, count: Int) throws(EngineError) -> [UInt8] {
            do throws(FileError) {
                return try file.read(at: SegmentFormat.headerSize + offset, count: max(0, count))
            } catch {
                throw EngineError(error)
            }
        }

        func damage(at offset: Int, _ reason: String) -> EngineError {
            EngineError(.corrupted, file: name, offset: offset, reason)
        }
    }

    /// Opens the segments between `from` and `through`.
    private func openSources() throws(EngineError) -> [Source] {
        let started = live.filter { $0.base.map { $0 < through } ?? false }
        let first = started.lastIndex { $0.base.map { $0 <= from } ?? false } ?? 0
        var sources: [Source] = []
        do throws(EngineError) {
            for segment in started[first...] {
                let source = try open(segment.record)
                // It was decided there how far the one before it goes.
                if let before = sources.indices.last {
                    sources[before].limit = source.header.previousLengthBytes
                }
                sources.append(source)
            }
        } catch {
            for source in sources { source.file.close() }
            throw error
        }
        return sources
    }

    private func open(_ record: SegmentRecord) throws(EngineError) -> Source {
        let name = record.file.fileName(SegmentFormat.fileSuffix)
        do throws(FileError) {
            let file = try files.open(directory + "/" + name, .read)
            let page = try file.read(at: 0, count: SegmentFormat.headerSize)
            if let header = SegmentHeader(page: page) {
                let length = Int(through.rawValue - header.base.rawValue)
                let limit = min(length, record.capacityBytes)
                return Source(record: record, name: name, file: file, header: header, limit: limit)
            }
            file.close()
        } catch {
            throw EngineError(error)
        }
        throw EngineError(
            .corrupted,
            file: name,
            offset: 0,
            "the header page of a log segment is not whole"
        )
    }

    /// Begins at `from`, or at the segment's beginning, where that is near.
    private func firstReader(_ source: Source) throws(EngineError) -> SegmentReader {
        let whole = SegmentReader(source.header, limit: source.limit)
        let offset = Int(from.rawValue) - Int(source.header.base.rawValue)
        guard offset > LogRecordFormat.pageSize else { return whole }
        let record = LogRecordHeader(
            try source.read(at: offset, count: LogRecordFormat.headerSize),
            at: 0,
            segment: source.header.number,
            position: from,
            seed: source.header.identity.checksumSeed(at: 0)
        )
        // It is chained to the one before it, which is not read. No record can only mean damage: found below.
        guard let record else { return whole }
        let chain = record.previousChecksum
        return SegmentReader(source.header, limit: source.limit, from: offset, chain: chain)
    }

    private func copy(
        _ source: Source,
        _ reader: inout SegmentReader,
        into writer: inout LogCopyWriter
    ) throws(EngineError) {
        var needed = 0
        while reader.stop == nil {
            let start = reader.offset
            let count = min(max(Self.windowBytes, needed), source.limit - start)
            let bytes = try source.read(at: start, count: count)
            let isShort = bytes.count < needed
            try bytes.withLentBytes { bytes throws(EngineError) in
                let window = BodyWindow(start: start, bytes: bytes)
                while true {
                    switch reader.next(in: window) {
                    case .ended: return
                    case .needs(let range):
                        guard !isShort else {
                            throw source.damage(at: reader.fileOffset, "the segment is too short")
                        }
                        needed = range.count
                        return
                    case .record(let record, let payload):
                        try writer.append(record, window[payload])
                    }
                }
            }
        }
        guard case .broken(let reason) = reader.stop else { return }
        throw source.damage(at: reader.fileOffset, reason)
    }
}
