internal import ShaleBytes
internal import ShalePlatform

/// What a finished flush has written.
struct FlushedRuns: Sendable {
    var through: LogPosition
    var files: [RunFileReference] = []
    var blobFiles: [BlobFileReference] = []
    /// The pieces of each partition's new run; none where everything was a tombstone over nothing.
    var pieces: [(partition: PartitionID, pieces: [RunPiece])] = []
    var entryCount = 0

    var sizeBytes: Int {
        files.reduce(0) { $0 + $1.sizeBytes } + blobFiles.reduce(0) { $0 + $1.sizeBytes }
    }
}

/// The progress of a flush: which partition, up to which key, into which file.
struct FlushWriting: ~Copyable, Sendable {
    /// What one step writes.
    private static let stepBytes = 1024 * 1024
    /// Partitions with less than this share files.
    private static let ownFileBytes = 1024 * 1024

    private let partitions: [PartitionView]
    private var written: FlushedRuns
    private var index = 0
    /// The last key written of the current partition.
    private var lastKey: [UInt8]?
    private var writer: RunFileWriter?
    private var number = FileNumber(0)
    private var sectionCount = 0
    private var blobs = BlobOutput()
    /// Of every entry, if readers are there that have it in memory now.
    private let warmth: Int?

    init(_ sealed: [PartitionView], _ through: LogPosition, isRead: Bool) {
        warmth = isRead ? 0 : nil
        // Large partitions first, so that the small ones lie together at the end.
        partitions = sealed.sorted { ($0.sealedBytes, $1.id) > ($1.sealedBytes, $0.id) }
        written = FlushedRuns(through: through)
    }

    /// Writes about `stepBytes`.
    /// - Returns: whether nothing is left.
    mutating func step(_ engine: Engine) throws(EngineError) -> Bool {
        guard index < partitions.count else { return true }
        let partition = partitions[index]
        if lastKey == nil { try begin(partition, engine) }
        let isEnded = try writeStretch(partition, engine)
        let isFull = bytesWritten() >= engine.options.runFileSizeBytes
        if isEnded || isFull {
            try endSection(of: partition)
        }
        if isEnded {
            index += 1
            lastKey = nil
        }
        let isLast = index == partitions.count
        if isLast || isFull || (isEnded && partition.sealedBytes >= Self.ownFileBytes) {
            try endFile()
        }
        if !isEnded && writer == nil { try begin(partition, engine) }
        return isLast
    }

    consuming func finish() throws(EngineError) -> FlushedRuns {
        precondition(index == partitions.count && writer == nil, "all steps are done")
        return written
    }

    /// Removes the files; an error leaves them for the next opening to remove.
    mutating func abandon(_ engine: Engine) {
        if let writer = writer.take() {
            do throws(EngineError) { try writer.abandon() } catch {
                engine.emit(.backgroundFailed(error))
            }
        }
        engine.removeRunFiles(written.files.map(\.number))
        blobs.abandon(engine)
        engine.removeBlobFiles(written.blobFiles.map(\.number))
    }

    private mutating func bytesWritten() -> Int { writer?.bytesWritten ?? 0 }

    private mutating func begin(_ partition: PartitionView, _ engine: Engine) throws(EngineError) {
        if writer == nil {
            number = engine.numbers.file()
            sectionCount = 0
            writer = try RunFileWriter(
                number,
                in: engine.directory,
                identity: FileIdentity(drawnFrom: engine.world.randomness),
                shape: RunFileShape(engine.options, .upper),
                files: engine.world.files,
                cache: engine.runFiles.cache
            )
        }
        writer?.beginSection(
            SectionOrigin(
                oldest: partition.oldestUnflushed ?? written.through,
                newest: written.through,
                oldestTombstoneMilliseconds: engine.world.time.wallMilliseconds
            )
        )
    }

    /// - Returns: whether the partition has no more entries.
    private mutating func writeStretch(
        _ partition: PartitionView,
        _ engine: Engine
    ) throws(EngineError) -> Bool {
        var range = partition.range
        if let lastKey { range.lower = lastKey + [0] }
        var sources = OwnedList<MemtableStream>(capacity: partition.sealed.count)
        for sealed in partition.sealed {
            sources.append(MemtableStream(sealed.memtable, range, before: written.through))
        }
        var merge = EntryMerge(newestFirst: sources)
        // Below a partition's first run there is nothing that a tombstone could hide.
        let hidesNothing = partition.runs.isEmpty
        var bytes = 0
        while !merge.isAtEnd {
            let key = merge.key
            bytes += key.count + merge.value.count
            if merge.kind != .tombstone || !hidesNothing {
                if merge.kind == .value, blobs.takes(merge.value, engine) {
                    let reference = try blobs.append(merge.value, engine)
                    try writer?.append(key: key, value: reference, kind: .blob, warmth: warmth)
                } else {
                    try writer?
                        .append(key: key, value: merge.value, kind: merge.kind, warmth: warmth)
                }
                written.entryCount += 1
            }
            if bytes >= Self.stepBytes { lastKey = key.copied() }
            try merge.advance()
            if bytes >= Self.stepBytes { break }
        }
        return merge.isAtEnd
    }

    private mutating func endSection(of partition: PartitionView) throws(EngineError) {
        if written.pieces.last?.partition != partition.id {
            written.pieces.append((partition.id, []))
        }
        guard let summary = try writer?.endSection() else { return }
        let piece = RunPiece(summary, file: number, section: sectionCount)
        written.pieces[written.pieces.count - 1].pieces.append(piece)
        sectionCount += 1
    }

    private mutating func endFile() throws(EngineError) {
        guard let writer = writer.take() else { return }
        if sectionCount == 0 { return try writer.abandon() }
        try blobs.endFile()
        written.blobFiles += blobs.takeFinished()
        written.files.append(try writer.finish().reference)
    }
}

extension RunPiece {
    init(_ summary: SectionSummary, file: FileNumber, section: Int) {
        self.init(
            file: file,
            section: section,
            sizeBytes: summary.fileRange.count,
            entryCount: summary.entryCount,
            tombstoneCount: summary.tombstoneCount,
            firstKey: summary.firstKey,
            lastKey: summary.lastKey,
            blobs: summary.blobs
        )
    }
}
