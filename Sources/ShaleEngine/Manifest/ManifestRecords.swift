/// Numbers a partition.
///
/// Never reused.
struct PartitionID: Hashable, Comparable, Sendable {
    var rawValue: UInt64
    init(_ rawValue: UInt64) { self.rawValue = rawValue }
    static func < (left: PartitionID, right: PartitionID) -> Bool { left.rawValue < right.rawValue }
}

/// Numbers a sorted run.
///
/// Never reused; the order of ages is the order in the partition's list.
struct RunID: Hashable, Comparable, Sendable {
    var rawValue: UInt64
    init(_ rawValue: UInt64) { self.rawValue = rawValue }
    static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}

/// One section of a run file: the piece of a sorted run.
struct RunPiece: Hashable, Sendable {
    var file: FileNumber
    /// Its place in the file's section directory.
    var section: Int
    /// What the section takes in the file.
    var sizeBytes: Int
    var entryCount: Int
    var tombstoneCount: Int
    var firstKey: [UInt8]
    var lastKey: [UInt8]
    /// What its entries take of blob segments.
    var blobs = BlobShares()
}

/// A sorted run as the manifest knows it: pieces that ascend and do not overlap.
struct RunRecord: Equatable, Sendable {
    var id: RunID
    var pieces: [RunPiece]
    /// Entries below this key are not part of the run any more: a compaction has moved them.
    var lowerBound: [UInt8]

    /// What its pieces take of blob segments.
    var blobs: BlobShares {
        var sum = BlobShares()
        for piece in pieces {
            for share in piece.blobs.shares { sum.add(share) }
        }
        return sum
    }
}

/// A partition: a range of keys of one table, and its runs, newest first.
struct PartitionRecord: Equatable, Sendable {
    var id: PartitionID
    var table: TableID
    var lower: [UInt8]
    var upper: [UInt8]?
    /// Every write of this range before this position is in the runs.
    var flushedThrough: LogPosition
    var runs: [RunRecord]
}

/// A segment of the log: which file it lives in, in this life.
struct SegmentRecord: Equatable, Sendable {
    var number: SegmentNumber
    var file: FileNumber
    var identity: FileIdentity
    var capacityBytes: Int
}

/// One change of the manifest.
///
/// The numbers are on disk: never reuse one.
enum ManifestEdit: Equatable, Sendable {
    /// 1: table id u64, hash seed u64.
    case addTable(EngineTable)
    /// 2: table id u64. Its partitions go with it.
    case removeTable(TableID)
    /// 3: a whole partition, added or replaced. See `ManifestEdit+Coding`.
    case setPartition(PartitionRecord)
    /// 4: partition id u64.
    case removePartition(PartitionID)
    /// 5: file number u64, identity 16, size u64, footer checksum u32.
    case addFile(RunFileReference)
    /// 6: file number u64.
    case removeFile(FileNumber)
    /// 7: segment number u32, file number u64, identity 16, capacity u64.
    case addSegment(SegmentRecord)
    /// 8: segment number u32. The file becomes a spare.
    case removeSegment(SegmentNumber)
    /// 9: file number u64: a file of log segments without a life, kept for reuse.
    case addSpare(FileNumber, capacityBytes: Int)
    /// 10: file number u64.
    case removeSpare(FileNumber)
    /// 11: next numbers u64 each: file, table, partition, run, and segment u32.
    case nextNumbers(NextNumbers)
    /// 12: position u64: the log was synced through it when this was written.
    case logSynced(LogPosition)
    /// 13: position u64: closed cleanly; the log's seal begins there.
    case closed(LogPosition)
    /// 14: no body: open again, so that `closed` no longer holds.
    case opened
    /// 15: file number u64, identity 16, size u64, footer checksum u32, number of blobs u32, their stored
    /// bytes u64.
    case addBlobFile(BlobFileReference)
    /// 16: file number u64.
    case removeBlobFile(FileNumber)
}

/// The counters behind all numbers that are never reused.
struct NextNumbers: Equatable, Sendable {
    var file = FileNumber(1)
    var table = TableID(1)
    var partition = PartitionID(1)
    var run = RunID(1)
    var segment = SegmentNumber(1)
}
