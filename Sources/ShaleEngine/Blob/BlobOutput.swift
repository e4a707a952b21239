internal import ShaleBytes
internal import ShalePlatform

/// Takes the large values of a flush or a compaction: into one blob segment after the other, each bounded
/// in size, and answers with references that stand in the run instead.
struct BlobOutput: ~Copyable, Sendable {
    private var writer: BlobFileWriter?
    private var finished: [BlobFileReference] = []
    private var reference = ByteBuffer()

    /// Nothing is written yet; a segment begins with the first value.
    init() {}

    /// Whether `value` is large enough to stand outside of its run.
    func takes(_ value: LentBytes, _ engine: Engine) -> Bool {
        value.count >= max(BlobReference.sizeBytes, engine.options.smallestBlobBytes)
    }

    /// Writes a value.
    /// - Returns: its reference, valid until the next call of anything.
    mutating func append(_ value: LentBytes, _ engine: Engine) throws(EngineError) -> LentBytes {
        try begin(engine)
        return try take(try writer?.append(value), engine)
    }

    /// Writes a value as it was stored in another segment, and checked.
    /// - Returns: its new reference, valid until the next call of anything.
    mutating func append(
        storedBodyAndType stored: LentBytes,
        valueSize: Int,
        _ engine: Engine
    ) throws(EngineError) -> LentBytes {
        try begin(engine)
        let blob = try writer?.append(storedBodyAndType: stored, valueSize: valueSize)
        return try take(blob, engine)
    }

    /// Ends the segment that is being written, if there is one.
    mutating func endFile() throws(EngineError) {
        guard let writer = writer.take() else { return }
        finished.append(try writer.finish())
    }

    /// What was finished since this was last asked.
    mutating func takeFinished() -> [BlobFileReference] {
        defer { finished = [] }
        return finished
    }

    /// Removes what was written and not taken.
    mutating func abandon(_ engine: Engine) {
        if let writer = writer.take() {
            do throws(EngineError) { try writer.abandon() } catch {
                engine.emit(.backgroundFailed(error))
            }
        }
        engine.removeBlobFiles(takeFinished().map(\.number))
    }

    private mutating func begin(_ engine: Engine) throws(EngineError) {
        guard writer == nil else { return }
        writer = try BlobFileWriter(
            engine.numbers.file(),
            in: engine.directory,
            identity: FileIdentity(drawnFrom: engine.world.randomness),
            compression: engine.options.compression,
            files: engine.world.files
        )
    }

    private mutating func take(
        _ blob: BlobReference?,
        _ engine: Engine
    ) throws(EngineError) -> LentBytes {
        guard let blob else { preconditionFailure("a segment was begun") }
        if (writer?.bytesWritten ?? 0) >= engine.options.runFileSizeBytes { try endFile() }
        reference.removeAll()
        blob.append(to: &reference)
        return reference.lent
    }
}

extension Engine {
    /// Removes blob segments that no manifest has named; what cannot be removed now is removed at the
    /// next opening.
    func removeBlobFiles(_ numbers: [FileNumber]) {
        for number in numbers {
            do throws(FileError) {
                try world.files.remove(directory + "/" + number.fileName(BlobFormat.suffix))
            } catch {
                emit(.backgroundFailed(EngineError(error)))
            }
        }
    }
}
