internal import Synchronization

/// What an open database looks like, and what it has done since it was opened. Sizes are bytes.
public struct EngineStatistics: Sendable {
    /// One partition.
    public struct Partition: Sendable {
        public var table: TableID
        public var id: UInt64
        /// Sorted runs, newest first: what each takes on disk.
        public var runSizesBytes: [Int]
        public var entryCount: Int
        public var tombstoneCount: Int
        public var memtableSizeBytes: Int
    }

    public var tableCount: Int
    public var partitions: [Partition]
    /// Files of sorted runs.
    public var runFileCount: Int
    public var runFileSizeBytes: Int
    /// Segments that hold log, and segments kept for reuse.
    public var logSizeBytes: Int
    public var spareLogSizeBytes: Int
    public var memtableSizeBytes: Int
    public var memoryBudgetBytes: Int
    /// Bytes of log since the database was created.
    public var logPosition: UInt64
    /// Since it was opened: entries written, bytes of their log records, what flushes and compactions wrote.
    public var writeCount: Int
    public var writtenBytes: Int
    public var flushCount: Int
    public var flushedBytes: Int
    public var compactionCount: Int
    public var compactedBytes: Int

    /// Bytes written to log and runs for each byte of log records; 0 before the first write.
    public var writeAmplification: Double {
        guard writtenBytes > 0 else { return 0 }
        return Double(writtenBytes + flushedBytes + compactedBytes) / Double(writtenBytes)
    }
}

extension Engine {
    /// A snapshot of sizes and counters. Costs no file call.
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
            compactedBytes: counters.compactedBytes.load(ordering: .relaxed)
        )
    }
}
