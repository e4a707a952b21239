/// What a user may choose.
///
/// Everything else is measured, not asked.
public struct EngineOptions: Sendable {
    /// One budget for memtables, block cache and filters.
    ///
    /// Bytes; default 256 MiB.
    public var memoryBudgetBytes: Int = 256 * 1024 * 1024
    /// Most bytes of log kept on disk before partitions that hold it back are flushed.
    ///
    /// Default 256 MiB.
    public var logCapBytes: Int = 256 * 1024 * 1024
    /// Uncompressed size of a data block of a run file.
    ///
    /// Bytes; default 8 KiB, from 4 to 16.
    public var blockSizeBytes: Int = 8 * 1024
    /// Bits per key of a run's filter.
    ///
    /// Default 10; 0 is none.
    public var filterBitsPerKey: Int = 10
    /// Whether blocks are compressed where that saves at least one eighth.
    public var compression: Compression = .lz4
    /// Values of at least this size are written once to a blob segment and stay there, instead of being
    /// rewritten by every compaction.
    ///
    /// Bytes; default 4 KiB.
    public var smallestBlobBytes: Int = 4 * 1024
    /// Most bytes of one run file or blob segment, nearly.
    ///
    /// Default 128 MiB.
    public var runFileSizeBytes: Int = 128 * 1024 * 1024
    /// The size at which a partition is split.
    ///
    /// Bytes; default 2 GiB.
    public var partitionSizeBytes: Int = 2 * 1024 * 1024 * 1024
    /// Most sorted runs of a partition; above it writes wait.
    ///
    /// Default 16.
    public var runCap: Int = 16
    /// Most bytes a second that compactions write, for disks that others use as well; 0 is no limit.
    ///
    /// Default 0. Where writers would have to wait for compactions, these go faster.
    public var backgroundBytesPerSecond: Int = 0
    /// How much of runs and blob segments is read again from the disk and checked in the background.
    ///
    /// Percent an hour; default 1, so that all of it is checked every 100 hours; 0 is nothing.
    public var scrubPercentPerHour: Int = 1
    /// Bytes of the first segments of the log; no choice of users, but of tests that look at every byte.
    package var firstSegmentBytes: Int = 1024 * 1024
    /// Told of writes before readers can see them: for a cache above the engine.
    package var watch: WriteWatch?
    /// Told of what the engine does; called on its threads, must return at once.
    public var onEvent: (@Sendable (EngineEvent) -> Void)?

    /// The defaults.
    public init() {}

    /// How blocks are compressed.
    public enum Compression: Sendable {
        case none, lz4
    }
}

/// How the memory budget is divided.
extension EngineOptions {
    /// What active memtables may take before they are flushed; all memtables may take twice as much.
    var memtableShareBytes: Int { min(memoryBudgetBytes, logCapBytes) / 4 }

    /// What the block cache may take: half of the budget, and more where the log bounds memtables.
    ///
    /// An eighth is left for what is not counted.
    var blockCacheBytes: Int {
        max(memoryBudgetBytes / 2, memoryBudgetBytes * 7 / 8 - 2 * memtableShareBytes)
    }
}
