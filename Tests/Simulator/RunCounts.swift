/// What a run did.
public struct RunCounts: Sendable {
    /// Batches or calls that were tried.
    public var batches = 0
    /// Crashes of the machine or of the process.
    public var cuts = 0
    /// Openings that found a database.
    public var recoveries = 0
    /// Calls of the disk that change or sync something.
    public var diskOperations = 0
    /// Times that the log went on in another segment, because one had failed.
    public var logMoves = 0
    /// Times that the log failed for good.
    public var logFailures = 0
    /// Times that the disk was full.
    public var fullDisks = 0
    /// Times that there was space again before the life ended.
    public var resumptions = 0
    /// Ends on a lying disk where nothing was wrong.
    public var harmlessLies = 0
    /// Ends on a lying disk where an error named a file.
    public var detectedLies = 0
    /// Moments of the past that tables went back to.
    public var pastReads = 0
    /// Restored tables and exports that were compared with what they may hold.
    public var copies = 0

    /// Nothing yet.
    public init() {}

    /// Adds those of another run.
    public mutating func add(_ other: RunCounts) {
        batches += other.batches
        cuts += other.cuts
        recoveries += other.recoveries
        diskOperations += other.diskOperations
        logMoves += other.logMoves
        logFailures += other.logFailures
        fullDisks += other.fullDisks
        resumptions += other.resumptions
        harmlessLies += other.harmlessLies
        detectedLies += other.detectedLies
        pastReads += other.pastReads
        copies += other.copies
    }
}
