internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Moves values out of blob segments that are being collected, on their way through a compaction.
///
/// A segment was written in the order of keys, and a compaction goes through it in the same order: so
/// each is read in stretches. A value is moved as it is stored, its checksum compared before. One that
/// is damaged stays where it is, and so does its segment, so that whoever reads it is told.
struct BlobRelocation: ~Copyable, Sendable {
    private let numbers: [FileNumber]
    private var sources: OwnedList<BlobStretch>
    /// Bytes that were moved.
    private(set) var movedBytes = 0

    /// Moves what `inputs` have in `segments`.
    init(_ segments: Set<FileNumber>, of inputs: [Run]) {
        var readers: [FileNumber: BlobReader] = [:]
        for run in inputs {
            for number in segments where readers[number] == nil {
                readers[number] = run.blobs?.reader(number)
            }
        }
        numbers = readers.keys.sorted()
        sources = OwnedList(capacity: numbers.count)
        for number in numbers {
            if let reader = readers[number] { sources.append(BlobStretch(reader)) }
        }
    }

    /// Moves the value that `reference` leads to, if its segment is collected.
    /// - Returns: its new reference, valid until the next call of anything; nil if it stays.
    mutating func move(
        _ reference: LentBytes,
        to output: inout BlobOutput,
        _ engine: Engine
    ) throws(EngineError) -> LentBytes? {
        guard let index = numbers.firstIndex(of: BlobShare(of: reference).file) else { return nil }
        let blob = try BlobReference.checked(reference)
        let stored: LentBytes
        do throws(EngineError) {
            stored = try sources[index].load(blob)
        } catch {
            guard error.code == .corrupted else { throw error }
            note(index, error, engine)
            return nil
        }
        movedBytes += stored.count
        return try output.append(
            storedBodyAndType: stored,
            valueSize: blob.valueSize,
            engine
        )
    }

    private mutating func note(_ index: Int, _ error: EngineError, _ engine: Engine) {
        guard !sources[index].isDamaged else { return }
        sources[index].isDamaged = true
        let number = numbers[index]
        _ = engine.background.state.withLock { $0.damagedSegments.insert(number) }
        engine.emit(.backgroundFailed(error))
    }
}

/// A segment and the stretch of it that is in memory.
struct BlobStretch: ~Copyable, Sendable {
    /// Large enough that the device streams; segments under collection take 8 MiB together.
    private static let sizeBytes = 256 * 1024

    let reader: BlobReader
    private var stretch = ByteBuffer()
    private var start = 0
    var isDamaged = false

    init(_ reader: BlobReader) { self.reader = reader }

    /// Body and type of a blob, valid until the next call.
    mutating func load(_ blob: BlobReference) throws(EngineError) -> LentBytes {
        let range = try reader.range(of: blob)
        if range.lowerBound < start || range.upperBound > start + stretch.count {
            stretch.removeAll()
            start = range.lowerBound
            let end = min(reader.reference.sizeBytes, start + Self.sizeBytes)
            try stretch.read(start..<max(range.upperBound, end), of: try reader.file())
        }
        let lower = min(range.lowerBound - start, stretch.count)
        let upper = min(range.upperBound - start, stretch.count)
        let stored = stretch.lent(lower..<upper)
        _ = try reader.decoder.check(stored.span, at: blob.piece, expecting: .blob)
        return stored[0..<(stored.count - PieceFormat.checksumSize)]
    }
}
