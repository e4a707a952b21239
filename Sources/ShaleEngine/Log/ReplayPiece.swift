internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Some megabyte of log that was read and checked, with the places of the batches in it.
///
/// One owner at a time: who reads the log fills it, who replays it empties it.
final class ReplayPiece: Sendable {
    /// Large enough that a read and a hand-over do not matter, small enough for the processor's cache.
    static let usualBytes = 1024 * 1024

    private struct Content: ~Copyable {
        var bytes = ByteBuffer()
        var batches: [Batch] = []
    }

    private struct Batch {
        var position: LogPosition
        /// Its payload, in the piece's bytes.
        var range: Range<Int>
    }

    private let content = Mutex(Content())

    /// Reads on from where `reader` stands, as far as the piece has room.
    /// - Returns: whether the reader has come to its end.
    func fill(
        from segment: LogRecovery.Found,
        _ bodyBytes: Int,
        _ reader: inout SegmentReader,
        _ outcome: inout LogRecovery.Outcome
    ) throws(EngineError) -> Bool {
        try content.withLock { content throws(EngineError) in
            content.batches.removeAll(keepingCapacity: true)
            var needed = reader.offset..<reader.offset
            var window = BodyWindow(start: reader.offset, bytes: LentBytes())
            while true {
                switch reader.next(in: window) {
                case .ended: return true
                case .record(let record, let payload):
                    outcome.records += 1
                    outcome.bytes += record.sizeBytes
                    if record.kind == .batch {
                        let start = payload.lowerBound - window.start
                        let range = start..<(start + payload.count)
                        content.batches.append(Batch(position: record.position, range: range))
                    } else {
                        let witness = LogRecordHeader.ManifestWitness(payload: window[payload])
                        outcome.manifest = witness ?? outcome.manifest
                    }
                case .needs(let range):
                    // What was read stays until it is replayed.
                    guard content.batches.isEmpty else { return false }
                    precondition(range != needed, "what was asked for has been read")
                    needed = range
                    let end = max(range.upperBound, range.lowerBound + Self.usualBytes)
                    let stretch = range.lowerBound..<min(end, bodyBytes)
                    try content.bytes.read(from: segment, stretch)
                    window = BodyWindow(start: stretch.lowerBound, bytes: content.bytes.lent)
                }
            }
        }
    }

    /// Lends every batch: its position and its payload.
    func forEachBatch(_ body: (LogPosition, LentBytes) -> Void) {
        content.withLock { content in
            for batch in content.batches { body(batch.position, content.bytes.lent(batch.range)) }
        }
    }
}

extension ByteBuffer {
    /// Reads a range of a segment's body, in the place of what is there.
    mutating func read(
        from segment: LogRecovery.Found,
        _ range: Range<Int>
    ) throws(EngineError) {
        removeAll()
        do throws(FileError) {
            try append(spanOf: range.count) { span throws(FileError) in
                try segment.file.read(at: SegmentFormat.headerSize + range.lowerBound, into: &span)
            }
        } catch {
            throw EngineError(error)
        }
        guard count == range.count else {
            throw EngineError(
                .corrupted,
                file: segment.name,
                offset: SegmentFormat.headerSize + range.lowerBound + count,
                "this segment of the log has become shorter while it was read"
            )
        }
    }
}
