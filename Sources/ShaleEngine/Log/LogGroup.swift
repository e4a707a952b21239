internal import ShaleBytes
internal import Synchronization

/// Records that are written together, with one sync for all who wait for them.
///
/// A group gathers under the lane's lock while the one before it is being written; then its leader
/// takes it out, completes the headers, and writes it with one call. While it gathers, headers lie in
/// their places in its bytes without what only the leader knows.
struct LogGroup: Sendable {
    private(set) var segment: LogSegment
    /// Position of the segment's first byte behind its header page.
    private(set) var base: LogPosition
    /// Whether the segment's header page must be written first.
    private(set) var opensSegment: Bool
    let start: LogPosition
    /// Records before this position were copied into the segment by their writers: the group waits for them.
    let copiedThrough: LogPosition
    let inserts: PendingInserts
    private(set) var bytes: [UInt8]
    /// Where the last record's header is.
    private var lastOffset = 0
    /// One who waits for this group was promised that it survives the loss of power.
    private(set) var needsSync = false
    /// The next group begins on a page of its own, though nothing else asks for it.
    private var endsPage = false
    /// Bytes of records, once the group is finished: what is behind them are zeros.
    private var finishedBytes: Int?
    /// No more records: the next one goes into another segment.
    var isClosed = false

    /// `buffer` is empty; its memory is used again.
    init(
        segment: LogSegment,
        base: LogPosition,
        opensSegment: Bool,
        start: LogPosition,
        copiedThrough: LogPosition,
        buffer: [UInt8]
    ) {
        self.segment = segment
        self.base = base
        self.opensSegment = opensSegment
        self.start = start
        self.copiedThrough = copiedThrough
        inserts = PendingInserts()
        bytes = buffer
    }

    /// The first byte behind the last record, rounded up to the alignment of records.
    var end: LogPosition { start.advanced(by: recordBytes) }

    /// Bytes of records, without zeros behind the last one.
    var recordBytes: Int { finishedBytes ?? bytes.count }

    /// Where the next group starts.
    var nextStart: LogPosition {
        let end = Int(clamping: end.rawValue)
        let endsPage = needsSync || endsPage
        return LogPosition(UInt64(LogRecordFormat.nextOffset(after: end, endsPage: endsPage)))
    }

    /// How many bytes a record of this payload takes.
    static func sizeBytes(payload: Int) -> Int {
        let size = LogRecordFormat.headerSize + payload
        return LogRecordFormat.nextOffset(after: size, endsPage: false)
    }

    mutating func append(_ kind: LogRecordKind, _ payload: LogPayload, _ durability: Durability) {
        let header = LogRecordHeader(
            kind: kind,
            payloadLength: payload.count,
            payloadChecksum: payload.checksum,
            segment: segment.number,
            position: end
        )
        lastOffset = bytes.count
        let size = Self.sizeBytes(payload: payload.count)
        bytes.append(header.words)
        payload.append(to: &bytes)
        let padding = size - LogRecordFormat.headerSize - payload.count
        for _ in 0..<padding { bytes.append(0) }
        if durability == .synced { needsSync = true }
    }

    mutating func requireSync() { needsSync = true }

    /// The group goes to another segment, whose body begins at `base`; `next` is where the next group starts.
    mutating func move(to segment: LogSegment, base: LogPosition, before next: LogPosition) {
        self.segment = segment
        self.base = base
        opensSegment = false
        if next > nextStart { endsPage = true }
    }

    /// Completes all headers, and adds zeros to the end of the page of a synced group.
    /// - Returns: the checksum of the last record.
    mutating func finish(chain: UInt32, syncedThrough: LogPosition, now: Int64) -> UInt32 {
        var chain = chain
        var offset = 0
        let end = bytes.count
        finishedBytes = end
        while offset < end {
            var header = LogRecordHeader(words: bytes.words(at: offset))
            header.segment = segment.number
            header.previousChecksum = chain
            header.syncedThrough = syncedThrough
            header.wallMilliseconds = now
            if needsSync || endsPage, offset == lastOffset { header.flags = .endsPage }
            header.seal(seed: segment.seed)
            bytes.store(header.words, at: offset)
            chain = header.checksum
            offset += Self.sizeBytes(payload: header.payloadLength)
        }
        let padding = Int(nextStart.rawValue - self.end.rawValue)
        bytes.append(contentsOf: repeatElement(0, count: padding))
        return chain
    }

    /// Gives the memory back, for another group.
    consuming func takeBuffer() -> [UInt8] {
        var buffer = bytes
        bytes = []
        // A group that was unusually large leaves nothing behind.
        guard buffer.capacity <= Self.keptBytes else { return [] }
        buffer.removeAll(keepingCapacity: true)
        return buffer
    }

    private static let keptBytes = 4 * 1024 * 1024

    /// Offset of the group's first byte in the segment's file.
    var fileOffset: Int { SegmentFormat.headerSize + Int(start.rawValue - base.rawValue) }
}

/// The bytes of a record's payload, in two parts so that nobody has to join them, with their checksum
/// computed before any lock is taken.
struct LogPayload {
    /// The first bytes, at most eight, the first in the lowest bits.
    private let head: UInt64
    private let headCount: Int
    private let body: LentBytes
    let checksum: UInt32

    var count: Int { headCount + body.count }

    /// `body` is lent for as long as the payload is used.
    init(_ body: LentBytes) {
        head = 0
        headCount = 0
        self.body = body
        checksum = Checksum.crc32c(body.span)
    }

    /// A varint and then `body`.
    init(varint value: Int, _ body: LentBytes) {
        var rest = UInt64(value)
        var head: UInt64 = 0
        var count = 0
        while rest >= 0x80 {
            head |= (rest & 0x7F | 0x80) << UInt64(8 * count)
            rest >>= 7
            count += 1
        }
        head |= rest << UInt64(8 * count)
        count += 1
        precondition(count <= MemoryLayout<UInt64>.size, "the number of writes is bounded")
        self.head = head
        headCount = count
        self.body = body
        var bytes = head.littleEndian
        // Safety: the bytes of an integer are bytes, and the span does not outlive it.
        let seed = unsafe withUnsafeBytes(of: &bytes) { buffer in
            unsafe Checksum.crc32c(RawSpan(_unsafeBytes: buffer).extracting(first: count))
        }
        checksum = Checksum.crc32c(body.span, seed: seed)
    }

    func append(to bytes: inout [UInt8]) {
        for index in 0..<headCount {
            bytes.append(UInt8(truncatingIfNeeded: head >> UInt64(8 * index)))
        }
        bytes.append(bytesOf: body.span)
    }

    func copy(to target: WritableBytes, at offset: Int) {
        for index in 0..<headCount {
            target.store(UInt8(truncatingIfNeeded: head >> UInt64(8 * index)), at: offset + index)
        }
        target.copy(body, to: offset + headCount)
    }
}

/// Counts the records of a group that are not yet in their memtables, and the group's own writing.
///
/// At zero the group may become visible.
final class PendingInserts: Sendable {
    private let count = Atomic<Int>(1)

    func add() { count.add(1, ordering: .relaxed) }
    /// - Returns: whether nothing is pending any more.
    func finishOne() -> Bool { count.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
    var isZero: Bool { count.load(ordering: .acquiring) == 0 }
}
