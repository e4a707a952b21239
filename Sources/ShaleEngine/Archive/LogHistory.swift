internal import ShaleBytes
internal import ShalePlatform

/// The writes to one table between two places of the log, in the order in which they were made.
///
/// Read from archived segments and behind them from living ones. Every record's checksum is checked, and that each
/// follows the one before it: a history is whole, or it ends with an error.
///
/// Archived segments are opened when their turn comes: nothing may be trimmed, nor archiving be ended, before the end.
/// Living ones are open from the beginning; while the past is kept their files are not used again.
public struct LogHistory: Sendable {
    /// One write.
    public struct Change: Sendable {
        /// The key's stored bytes.
        public var key: [UInt8]
        /// The new value; nil deletes.
        public var value: [UInt8]?
        /// When it was made: milliseconds since 1970-01-01 UTC, never before those of writes before it.
        public var milliseconds: Int64
    }

    /// A segment, open or to be opened.
    struct Segment: Sendable {
        var header: SegmentHeader
        /// For messages, and to open it.
        var path: String
        var file: (any File)?
        /// Where the log in it ends, if it is the last.
        var limitBytes: Int?
    }

    private static let windowBytes = 1024 * 1024
    private static let changesPerStep = 256
    private static let windowsPerStep = 16

    private let scheduler: any Scheduler
    private let files: any FileSystem
    private let table: TableID
    private let start: LogPosition
    private let lastMilliseconds: Int64
    private var segments: ArraySlice<Segment>
    private var reading: Reading?
    private var last: LogEnd?

    /// The segment that is being read.
    private struct Reading {
        var reader: SegmentReader
        var segment: Segment
        var file: any File
        var neededBytes = 0
    }

    init(
        _ world: World,
        of table: TableID,
        since start: LogPosition,
        through milliseconds: Int64,
        in segments: [Segment]
    ) {
        scheduler = world.scheduler
        files = world.files
        self.table = table
        self.start = start
        lastMilliseconds = milliseconds
        self.segments = segments[...]
    }

    /// Some more changes, perhaps none of them; nil when there are no more.
    public mutating func next() async throws(EngineError) -> [Change]? {
        let history = self
        let result: Result<(LogHistory, [Change]?), EngineError> = await scheduler.run(.read) {
            Result { () throws(EngineError) in
                var next = history
                let changes = try next.nextBlocking()
                return (next, changes)
            }
        }
        let (after, changes) = try result.get()
        self = after
        return changes
    }

    private mutating func nextBlocking() throws(EngineError) -> [Change]? {
        var changes: [Change] = []
        // A table with few writes in a long log must not hold its thread until the end.
        for _ in 0..<Self.windowsPerStep where changes.count < Self.changesPerStep {
            if reading == nil { reading = try opened() }
            guard var reading else { return changes.isEmpty ? nil : changes }
            let isOver = try read(&reading, &changes)
            self.reading = reading
            if isOver { try finish(reading) }
        }
        return changes
    }

    /// Opens the next segment, whose predecessor must have ended as its header says.
    private mutating func opened() throws(EngineError) -> Reading? {
        guard let segment = segments.popFirst() else { return nil }
        if let last {
            let header = segment.header
            let follows =
                header.previous == last.segment && header.previousChecksum == last.checksum
                && header.previousLengthBytes == last.lengthBytes
            guard follows else {
                throw EngineError(
                    .corrupted,
                    file: segment.path,
                    offset: 0,
                    "this segment of the log does not follow the one before it in the archive"
                )
            }
        }
        do throws(FileError) {
            let file =
                if let file = segment.file { file } else { try files.open(segment.path, .read) }
            let size = max(0, try file.sizeBytes() - SegmentFormat.headerSize)
            let limit = segments.first?.header.previousLengthBytes ?? segment.limitBytes ?? size
            let reader = SegmentReader(segment.header, limit: min(limit, size))
            return Reading(reader: reader, segment: segment, file: file)
        } catch {
            throw EngineError(error)
        }
    }

    /// Reads one stretch.
    /// - Returns: whether the segment has no more.
    private mutating func read(
        _ reading: inout Reading,
        _ changes: inout [Change]
    ) throws(EngineError) -> Bool {
        let start = reading.reader.offset
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try reading.file.read(
                at: SegmentFormat.headerSize + start,
                count: max(Self.windowBytes, reading.neededBytes)
            )
        } catch {
            throw EngineError(error)
        }
        let isShort = bytes.count < reading.neededBytes
        return try bytes.withLentBytes { bytes throws(EngineError) in
            let window = BodyWindow(start: start, bytes: bytes)
            while true {
                switch reading.reader.next(in: window) {
                case .ended: return true
                case .needs(let range):
                    guard !isShort else { throw damage(reading, "the segment is too short") }
                    reading.neededBytes = range.count
                    return false
                case .record(let record, let payload):
                    guard record.wallMilliseconds <= lastMilliseconds else {
                        segments = []
                        return true
                    }
                    guard record.kind == .batch, record.position >= self.start else { continue }
                    guard add(window[payload], record, to: &changes) else {
                        throw damage(reading, "the log record is whole but not a batch")
                    }
                }
            }
        }
    }

    private func add(
        _ payload: LentBytes,
        _ record: LogRecordHeader,
        to changes: inout [Change]
    ) -> Bool {
        var batch = BatchReader(payload: payload)
        while let write = batch.next() {
            guard write.table == table else { continue }
            let key = write.withKey(at: record.position) { $0.copied() }
            changes.append(
                Change(
                    key: key,
                    value: write.value?.copied(),
                    milliseconds: record.wallMilliseconds
                )
            )
        }
        return batch.isWhole
    }

    private mutating func finish(_ reading: Reading) throws(EngineError) {
        if case .broken(let reason) = reading.reader.stop { throw damage(reading, reason) }
        last = LogEnd(
            segment: reading.segment.header.number,
            lengthBytes: reading.reader.lengthBytes,
            checksum: reading.reader.chain
        )
        reading.file.close()
        self.reading = nil
    }

    private func damage(_ reading: Reading, _ reason: String) -> EngineError {
        EngineError(
            .corrupted,
            file: reading.segment.path,
            offset: reading.reader.fileOffset,
            reason
        )
    }
}
