internal import ShaleBytes
internal import Synchronization

/// What an open database looks like, and what it has done since it was opened.
///
/// Sizes are bytes.
public struct EngineStatistics: Sendable {
    /// One partition.
    public struct Partition: Sendable {
        /// Whose entries it holds.
        public var table: TableID
        /// Its number in the database.
        public var id: UInt64
        /// Sorted runs, newest first: what each takes on disk.
        public var runSizesBytes: [Int]
        /// Entries in runs; one that several runs hold counts in each.
        public var entryCount: Int
        /// How many of them are tombstones.
        public var tombstoneCount: Int
        /// What its memtables take.
        public var memtableSizeBytes: Int
    }

    /// Tables, secondary indexes counted.
    public var tableCount: Int
    /// In the order of tables and keys.
    public var partitions: [Partition]
    /// Files of sorted runs.
    public var runFileCount: Int
    /// What they take.
    public var runFileSizeBytes: Int
    /// Files of large values.
    public var blobFileCount: Int
    /// What they take.
    public var blobFileSizeBytes: Int
    /// What entries of runs refer to of them; the rest waits for collection.
    public var blobLiveBytes: Int
    /// Segments that hold log.
    public var logSizeBytes: Int
    /// Segments kept for reuse.
    public var spareLogSizeBytes: Int
    /// All memtables, those being flushed included.
    public var memtableSizeBytes: Int
    /// What the database may take.
    public var memoryBudgetBytes: Int
    /// Bytes of log since the database was created.
    public var logPosition: UInt64
    /// Entries written since it was opened.
    public var writeCount: Int
    /// Bytes of their log records.
    public var writtenBytes: Int
    /// Flushes since it was opened.
    public var flushCount: Int
    /// Bytes of runs and blob segments that flushes wrote.
    public var flushedBytes: Int
    /// Compactions since it was opened.
    public var compactionCount: Int
    /// Bytes of runs and blob segments that compactions wrote.
    public var compactedBytes: Int
    /// Segments of the log that failed, so that the log went on in another.
    public var logMoveCount: Int
    /// Whether the disk is full, so that new values are refused.
    public var isDiskFull: Bool
    /// How often it has been since it was opened.
    public var diskFullCount: Int
    /// What is kept for a full disk.
    public var reserveSizeBytes: Int
    /// What the scrubber has done since the database was created.
    public var scrub: ScrubProgress
    /// How long these took, and what callers waited for, since it was opened.
    public var durations: EngineDurations

    /// Bytes written to log and runs for each byte of log records; 0 before the first write.
    public var writeAmplification: Double {
        guard writtenBytes > 0 else { return 0 }
        return Double(writtenBytes + flushedBytes + compactedBytes) / Double(writtenBytes)
    }
}

extension Engine {
    /// A snapshot of sizes and counters.
    ///
    /// Costs no file call.
    public var statistics: EngineStatistics {
        let state = manifest.state
        let partitions = map.partitions.map { partition in
            EngineStatistics.Partition(
                table: partition.table,
                id: partition.id.rawValue,
                runSizesBytes: partition.runs.map(\.sizeBytes),
                entryCount: partition.runs.reduce(0) { $0 + $1.entryCount },
                tombstoneCount: partition.runs.reduce(0) { $0 + $1.tombstoneCount },
                memtableSizeBytes: partition.active.sizeBytes + partition.sealedBytes
            )
        }
        return EngineStatistics(
            tableCount: state.tables.count,
            partitions: partitions,
            runFileCount: state.files.count,
            runFileSizeBytes: state.files.values.reduce(0) { $0 + $1.sizeBytes },
            blobFileCount: state.blobFiles.count,
            blobFileSizeBytes: state.blobFiles.values.reduce(0) { $0 + $1.sizeBytes },
            blobLiveBytes: state.liveBlobBytes.values.reduce(0, +),
            logSizeBytes: state.segments.values.reduce(0) { $0 + $1.capacityBytes },
            spareLogSizeBytes: state.spares.values.reduce(0, +),
            memtableSizeBytes: account.sizeBytes,
            memoryBudgetBytes: options.memoryBudgetBytes,
            logPosition: visible.rawValue,
            writeCount: counters.writes.load(ordering: .relaxed),
            writtenBytes: counters.writtenBytes.load(ordering: .relaxed),
            flushCount: counters.flushes.load(ordering: .relaxed),
            flushedBytes: counters.flushedBytes.load(ordering: .relaxed),
            compactionCount: counters.compactions.load(ordering: .relaxed),
            compactedBytes: counters.compactedBytes.load(ordering: .relaxed),
            logMoveCount: counters.logMoves.load(ordering: .relaxed),
            isDiskFull: diskSpace.isFull,
            diskFullCount: diskSpace.fullCount,
            reserveSizeBytes: diskSpace.reserveBytes,
            scrub: scrubber.progress,
            durations: durations.counted
        )
    }
}
