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
        case piece(RunFileReference, [RunPiece], through: [UInt8])
        /// Everything is merged; nil if the last stretch had no entries.
        case ended(RunFileReference?, [RunPiece])
    }

    private let inputs: [Run]
    private let range: EntryRange
    private let tombstones: Tombstones
    private var merge: EntryMerge<RunStream>?
    private var lastKey: [UInt8]?
    private var writer: RunFileWriter?
    private var number = FileNumber(0)
    /// Bytes of files that are finished.
    private var finishedBytes = 0

    /// What was written so far.
    private(set) var bytesWritten = 0

    /// Merges `inputs`, newest first, over `range`.
    init(_ inputs: [Run], _ range: EntryRange, _ tombstones: Tombstones) {
        self.inputs = inputs
        self.range = range
        self.tombstones = tombstones
    }

    mutating func step(_ engine: Engine) throws(EngineError) -> Outcome {
        if merge == nil { merge = try open(engine) }
        if writer == nil { try begin(engine) }
        let isEnded = try mergeStretch(until: engine.options.runFileSizeBytes)
        let written = writer?.bytesWritten ?? 0
        bytesWritten = finishedBytes + written
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
            shape: RunFileShape(engine.options, tombstones == .kept ? .upper : .bottom),
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
                try RunStream(parts, clipped, in: engine.directory, engine.world.files)
            )
        }
        return EntryMerge(newestFirst: sources)
    }

    /// Merges until a step is done or the file has `size` bytes.
    /// - Returns: whether nothing is left to merge.
    private mutating func mergeStretch(until size: Int) throws(EngineError) -> Bool {
        guard var merge = merge.take() else { preconditionFailure("the inputs are open") }
        var bytes = 0
        while !merge.isAtEnd {
            let key = merge.key
            bytes += key.count + merge.value.count
            if merge.kind != .tombstone || tombstones == .kept {
                try writer?.append(key: key, value: merge.value, kind: merge.kind)
            }
            let isFull = bytes >= Self.stepBytes || (writer?.bytesWritten ?? 0) >= size
            if isFull { lastKey = key.copied() }
            try merge.advance()
            if isFull { break }
        }
        let isEnded = merge.isAtEnd
        self.merge = consume merge
        return isEnded
    }

    private mutating func endFile() throws(EngineError) -> (RunFileReference?, [RunPiece]) {
        guard let summary = try writer?.endSection() else {
            if let writer = writer.take() { try writer.abandon() }
            return (nil, [])
        }
        guard let writer = writer.take() else { preconditionFailure("a file was begun") }
        let reference = try writer.finish().reference
        finishedBytes += reference.sizeBytes
        return (reference, [RunPiece(summary, file: number, section: 0)])
    }
}
