/// What the engine tells about itself; `ShaleServer` makes logs and metrics of it.
public enum EngineEvent: Sendable {
    /// Opened: how many log records were replayed, and how many bytes.
    case opened(replayedRecords: Int, replayedBytes: Int)
    /// A torn tail of the log was cut at a file's offset.
    case tailCut(file: String, offset: Int)
    /// A memtable became a run of so many bytes.
    case flushed(entries: Int, bytes: Int)
    /// Runs of so many bytes were merged into one.
    case compacted(inputBytes: Int)
    /// A partition was cut in two.
    case split(TableID)
    /// Background work failed; it is tried again after a while.
    case backgroundFailed(EngineError)
    /// A segment of the log failed, and the log goes on in another; nothing was lost.
    case logMoved(EngineError)
    /// Log could not be put into the archive: it stays where it is, and it is tried again.
    case archiveFailed(EngineError)
    /// The archive has all log that it should have again.
    case archiveWorks
    /// The disk is full: new values are refused, reads and deletions go on.
    case diskFull(EngineError)
    /// There is space again, and writes are taken.
    case diskHasSpace
    /// The scrubber has met damage, with file and offset; each place is told once in the life of an engine.
    case damageFound(EngineError)
    /// The log failed; no more writes until the database is opened anew.
    case logFailed(EngineError)
}
