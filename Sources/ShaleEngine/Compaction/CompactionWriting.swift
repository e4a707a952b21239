internal import ShalePlatform

/// The progress of a compaction: up to which key, into which file.
///
/// It ends a file when that is full, so that what is finished can be committed and the inputs'
/// files freed piece by piece.
struct CompactionWriting: ~Copyable, Sendable {
    /// What one step merges.
    private static let stepBytes = 4 * 1024 * 1024

    /// What a step has come to.
    enum Outcome: Sendable {
        case goesOn
        /// A file is full: entries up to `through` are in it.
        case piece(RunFileReference, [RunPiece], through: [UInt8])
        /// Everything is merged; nil if the last stretch had no entries.
        case ended(RunFileReference?, [RunPiece])
    }

    private let inputs: [Run]
    private let range: EntryRange
    private let tombstones: MergeCursor.Tombstones
    private var lastKey: [UInt8]?
    private var writer: RunFileWriter?
    private var number = FileNumber(0)

    /// Merges `inputs`, newest first, over `range`.
    init(_ inputs: [Run], _ range: EntryRange, _ tombstones: MergeCursor.Tombstones) {
        self.inputs = inputs
        self.range = range
        self.tombstones = tombstones
    }

    mutating func step(_ engine: Engine) throws(EngineError) -> Outcome {
        if writer == nil { try begin(engine) }
        let isEnded = try mergeStretch(engine)
        let written = writer?.bytesWritten ?? 0
        guard isEnded || written >= engine.options.runFileSizeBytes else { return .goesOn }
        let (reference, pieces) = try endFile()
        if isEnded { return .ended(reference, pieces) }
        guard let reference, let lastKey else {
            preconditionFailure("a full file has entries")
        }
        return .piece(reference, pieces, through: lastKey)
    }

    mutating func abandon(_ engine: Engine) {
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
            shape: RunFileShape(engine.options),
            files: engine.world.files
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

    /// - Returns: whether nothing is left to merge.
    private mutating func mergeStretch(_ engine: Engine) throws(EngineError) -> Bool {
        var rest = range
        if let lastKey { rest.lower = lastKey + [0] }
        var sources: [any EntryCursor] = []
        for run in inputs {
            let clipped = run.clip(rest)
            sources.append(
                try SortedRunCursor(run.sections(in: clipped), clipped, .ascending, .sequential)
            )
        }
        let cursor = try MergeCursor(newestFirst: sources, .ascending, tombstones)
        var bytes = 0
        while !cursor.isAtEnd, bytes < Self.stepBytes {
            let key = cursor.key
            if cursor.isTombstone {
                try writer?.appendTombstone(key: key)
            } else {
                let value = try cursor.copyValue()
                bytes += value.count
                try writer?.append(key: key, value: value)
            }
            bytes += key.count
            lastKey = key
            try cursor.advance()
        }
        return cursor.isAtEnd
    }

    private mutating func endFile() throws(EngineError) -> (RunFileReference?, [RunPiece]) {
        guard let summary = try writer?.endSection() else {
            if let writer = writer.take() { try writer.abandon() }
            return (nil, [])
        }
        guard let writer = writer.take() else { preconditionFailure("a file was begun") }
        let reference = try writer.finish().reference
        return (reference, [RunPiece(summary, file: number, section: 0)])
    }
}
