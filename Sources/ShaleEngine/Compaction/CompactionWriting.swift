internal import ShaleBytes
internal import ShalePlatform

/// The progress of a compaction: up to which key, into which file.
///
/// It ends a file when that is full, so that what is finished can be committed and the inputs'
/// files freed piece by piece.
struct CompactionWriting: ~Copyable, Sendable {
    /// What one step merges.
    private static let stepBytes = 1024 * 1024

    /// What becomes of tombstones.
    enum Tombstones: Sendable {
        /// They are entries, since older runs lie below.
        case kept
        /// There is nothing below that they could hide.
        case dropped
    }

    /// What a step has come to.
    enum Outcome: Sendable {
        case goesOn
        /// A file is full: entries up to `through` are in it.
        case piece(Written, through: [UInt8])
        /// Everything is merged.
        case ended(Written)
    }

    /// What belongs into the manifest together.
    struct Written: Sendable {
        /// Nil if the last stretch had no entries.
        var file: RunFileReference?
        var pieces: [RunPiece] = []
        /// Blob segments that only this file refers to.
        var blobFiles: [BlobFileReference] = []
    }

    private let inputs: [Run]
    /// Where what is warm stays warm; nil while nobody reads.
    private let cache: BlockCache?
    private let range: EntryRange
    private let tombstones: Tombstones
    private var merge: EntryMerge<RunStream>?
    private var lastKey: [UInt8]?
    private var writer: RunFileWriter?
    private var number = FileNumber(0)
    private var blobs = BlobOutput()
    private var relocation: BlobRelocation
    /// Bytes of files that are finished.
    private var finishedBytes = 0

    /// What was written so far.
    private(set) var bytesWritten = 0

    /// Merges `inputs`, newest first, over `range`, and moves values out of the blob segments `collected`.
    init(
        _ inputs: [Run],
        _ range: EntryRange,
        _ tombstones: Tombstones,
        collecting collected: Set<FileNumber>,
        warming cache: BlockCache?
    ) {
        self.cache = cache
        relocation = BlobRelocation(collected, of: inputs)
        self.inputs = inputs
        self.range = range
        self.tombstones = tombstones
    }

    mutating func step(_ engine: Engine) throws(EngineError) -> Outcome {
        if merge == nil { merge = try open(engine) }
        if writer == nil { try begin(engine) }
        let isEnded = try mergeStretch(engine)
        let size = writer?.bytesWritten ?? 0
        bytesWritten = finishedBytes + size + relocation.movedBytes
        guard isEnded || size >= engine.options.runFileSizeBytes else { return .goesOn }
        let written = try endFile()
        if isEnded { return .ended(written) }
        guard let lastKey else { preconditionFailure("a full file has entries") }
        return .piece(written, through: lastKey)
    }

    mutating func abandon(_ engine: Engine) {
        blobs.abandon(engine)
        guard let writer = writer.take() else { return }
        do throws(EngineError) {
            try writer.abandon()
        } catch {
            engine.emit(.backgroundFailed(error))
        }
    }

    private mutating func begin(_ engine: Engine) throws(EngineError) {
        number = engine.numbers.file()
        writer = try RunFileWriter(
            number,
            in: engine.directory,
            identity: FileIdentity(drawnFrom: engine.world.randomness),
            shape: RunFileShape(engine.options, tombstones == .kept ? .upper : .bottom),
            files: engine.world.files,
            cache: cache
        )
        var origin = SectionOrigin(oldest: LogPosition(.max), newest: .zero)
        for run in inputs {
            for section in run.sections(in: range) {
                let input = try section.summary(.blocking).origin
                origin.oldest = min(origin.oldest, input.oldest)
                origin.newest = max(origin.newest, input.newest)
                origin.oldestTombstoneMilliseconds =
                    origin.oldestTombstoneMilliseconds == 0
                    ? input.oldestTombstoneMilliseconds
                    : min(origin.oldestTombstoneMilliseconds, input.oldestTombstoneMilliseconds)
            }
        }
        writer?.beginSection(origin)
    }

    private func open(_ engine: Engine) throws(EngineError) -> EntryMerge<RunStream> {
        var sources = OwnedList<RunStream>(capacity: inputs.count)
        for run in inputs {
            let clipped = run.clip(range)
            var parts: [RunStream.Part] = []
            for section in run.sections(in: clipped) {
                parts.append(
                    RunStream.Part(
                        reference: section.file.reference,
                        summary: try section.summary(.blocking)
                    )
                )
            }
            sources.append(
                try RunStream(
                    parts,
                    clipped,
                    in: engine.directory,
                    engine.world.files,
                    cache: cache
                )
            )
        }
        return EntryMerge(newestFirst: sources)
    }

    /// Merges until a step is done or the file is full.
    /// - Returns: whether nothing is left to merge.
    private mutating func mergeStretch(_ engine: Engine) throws(EngineError) -> Bool {
        guard var merge = merge.take() else { preconditionFailure("the inputs are open") }
        let size = engine.options.runFileSizeBytes
        let movedBefore = relocation.movedBytes
        var bytes = 0
        while !merge.isAtEnd {
            let key = merge.key
            bytes += key.count + merge.value.count
            if merge.kind != .tombstone || tombstones == .kept {
                try append(key, merge.value, merge.kind, merge.warmth, engine)
            }
            let moved = relocation.movedBytes - movedBefore
            let isFull =
                bytes + moved >= Self.stepBytes || (writer?.bytesWritten ?? 0) >= size
            if isFull { lastKey = key.copied() }
            try merge.advance()
            if isFull { break }
        }
        let isEnded = merge.isAtEnd
        self.merge = consume merge
        return isEnded
    }

    /// References go along as they are, but for those into segments that are collected.
    @inline(__always)
    private mutating func append(
        _ key: LentBytes,
        _ value: LentBytes,
        _ kind: EntryKind,
        _ warmth: Int?,
        _ engine: Engine
    ) throws(EngineError) {
        switch kind {
        case .blob:
            let value = try relocation.move(value, to: &blobs, engine) ?? value
            try writer?.append(key: key, value: value, kind: .blob, warmth: warmth)
        case .value where blobs.takes(value, engine):
            let reference = try blobs.append(value, engine)
            try writer?.append(key: key, value: reference, kind: .blob, warmth: warmth)
        case .value, .tombstone:
            try writer?.append(key: key, value: value, kind: kind, warmth: warmth)
        }
    }

    private mutating func endFile() throws(EngineError) -> Written {
        guard let summary = try writer?.endSection() else {
            if let writer = writer.take() { try writer.abandon() }
            return Written()
        }
        guard let writer = writer.take() else { preconditionFailure("a file was begun") }
        try blobs.endFile()
        let reference = try writer.finish().reference
        finishedBytes += reference.sizeBytes
        return Written(
            file: reference,
            pieces: [RunPiece(summary, file: number, section: 0)],
            blobFiles: blobs.takeFinished()
        )
    }
}
