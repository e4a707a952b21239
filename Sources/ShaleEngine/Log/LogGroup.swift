internal import ShaleBytes
internal import Synchronization

/// Records that are written together, with one sync for all who wait for them.
///
/// A group gathers under the lane's lock while the one before it is being written; then its leader
/// takes it out, fills in the checksums, and writes it with one call.
struct LogGroup: Sendable {
    let segment: LogSegment
    /// Position of the segment's first byte behind its header page.
    let base: LogPosition
    /// Whether the segment's header page must be written first.
    let opensSegment: Bool
    let start: LogPosition
    let inserts: PendingInserts
    private(set) var bytes: [UInt8] = []
    private(set) var headers: [LogRecordHeader] = []
    /// One who waits for this group was promised that it survives the loss of power.
    private(set) var needsSync = false
    /// No more records: the next one goes into another segment.
    var isClosed = false

    init(segment: LogSegment, base: LogPosition, opensSegment: Bool, start: LogPosition) {
        self.segment = segment
        self.base = base
        self.opensSegment = opensSegment
        self.start = start
        inserts = PendingInserts()
    }

    /// The first byte behind the last record, rounded up to the alignment of records.
    var end: LogPosition { start.advanced(by: bytes.count) }

    /// Where the next group starts.
    var nextStart: LogPosition {
        let end = Int(clamping: end.rawValue)
        return LogPosition(UInt64(LogRecordFormat.nextOffset(after: end, endsPage: needsSync)))
    }

    /// How many bytes a record of this payload takes.
    static func sizeBytes(payload: Int) -> Int {
        let size = LogRecordFormat.headerSize + payload
        return LogRecordFormat.nextOffset(after: size, endsPage: false)
    }

    mutating func append(_ kind: LogRecordKind, _ payload: LogPayload, _ durability: Durability) {
        headers.append(
            LogRecordHeader(
                kind: kind,
                payloadLength: payload.bytes.count,
                payloadChecksum: payload.checksum,
                segment: segment.number,
                position: end
            )
        )
        bytes.append(contentsOf: repeatElement(0, count: LogRecordFormat.headerSize))
        bytes.append(contentsOf: payload.bytes)
        let size = Self.sizeBytes(payload: payload.bytes.count)
        let padding = size - LogRecordFormat.headerSize - payload.bytes.count
        bytes.append(contentsOf: repeatElement(0, count: padding))
        if durability == .synced { needsSync = true }
    }

    mutating func requireSync() { needsSync = true }

    /// Fills in all headers, and zeros to the end of the page of a synced group.
    /// - Returns: the checksum of the last record.
    mutating func finish(chain: UInt32, syncedThrough: LogPosition, now: Int64) -> UInt32 {
        var chain = chain
        for index in headers.indices {
            headers[index].previousChecksum = chain
            headers[index].syncedThrough = syncedThrough
            headers[index].wallMilliseconds = now
            if needsSync && index == headers.count - 1 { headers[index].flags = .endsPage }
            let encoded = headers[index].encode(seed: segment.seed)
            let offset = Int(headers[index].position.rawValue - start.rawValue)
            bytes.replaceSubrange(offset..<(offset + encoded.count), with: encoded)
            chain = headers[index].checksum
        }
        let padding = Int(nextStart.rawValue - end.rawValue)
        bytes.append(contentsOf: repeatElement(0, count: padding))
        return chain
    }

    /// Offset of the group's first byte in the segment's file.
    var fileOffset: Int { SegmentFormat.headerSize + Int(start.rawValue - base.rawValue) }
}

/// The bytes of a record, with their checksum computed before any lock is taken.
struct LogPayload: Sendable {
    let bytes: [UInt8]
    let checksum: UInt32

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        checksum = Checksum.crc32c(bytes)
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
