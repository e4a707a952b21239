internal import ShaleEngine

/// That a table keeps its past, and how much of it.
struct RecoveryDefinition: Sendable, Equatable {
    /// Days that a restore can go back, from 1 to 35.
    var days: Int
    /// The past is kept from here on: milliseconds since 1970-01-01 UTC.
    var sinceMilliseconds: Int64

    static let dayRange = 1...35
    static let usualDays = 35
    static let dayMilliseconds: Int64 = 24 * 60 * 60 * 1000

    /// The oldest time that a restore can go back to.
    func earliestMilliseconds(at now: Int64) -> Int64 {
        max(sinceMilliseconds, now - Int64(days) * Self.dayMilliseconds)
    }
}

/// A checkpoint from which restores to a later time begin: it holds the items of all tables that kept their past then.
///
/// It is in `archive/` under its position; for directory and entry the same holds as for backups.
struct RestorePoint: Sendable, Equatable {
    var checkpoint: Checkpoint
    /// The engine's tables that are in it, ascending.
    var tables: [TableID]

    /// The directory's name in that of the archive.
    var directory: String { Self.prefix + String(checkpoint.position.rawValue) }

    static let prefix = "point-"
}

/// Whether a table keeps its past, and how far back and forth it can be restored.
public struct ContinuousBackupsDescription: Sendable, Equatable {
    /// Days that a restore can go back; nil when the past is not kept.
    public var recoveryDays: Int?
    /// The oldest time: milliseconds since 1970-01-01 UTC.
    public var earliestMilliseconds: Int64?
    /// The newest time.
    public var latestMilliseconds: Int64?
}
