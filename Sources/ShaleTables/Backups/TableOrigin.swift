internal import ShaleEngine

/// Where a table that was restored or imported has its items from.
struct TableOrigin: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        /// From a backup.
        case backup(BackupIdentity)
        /// From a past state of a table: its engine's table, and the restore point's position in the log.
        case past(EngineTable, point: LogPosition)
        /// From objects, by an import of this label.
        case imported(label: String)
    }

    var source: Source
    /// The name of the table.
    var tableName: String
    /// The time of which the items are: milliseconds since 1970-01-01 UTC.
    var milliseconds: Int64
    /// Whether items are still being copied: then nobody may use the table.
    var isInProgress: Bool
}

/// Where a table was restored from, as `describeTable` shows it.
public struct RestoreSummary: Sendable, Equatable {
    /// The backup, if it was from one.
    public var backup: BackupIdentity?
    /// The table.
    public var sourceTableName: String
    /// The time of which the items are: milliseconds since 1970-01-01 UTC.
    public var milliseconds: Int64
    /// Whether items are still being copied.
    public var isInProgress: Bool
}

extension TableOrigin {
    /// Nil of a table that was imported.
    var summary: RestoreSummary? {
        var backup: BackupIdentity?
        switch source {
        case .backup(let identity): backup = identity
        case .past: break
        case .imported: return nil
        }
        return RestoreSummary(
            backup: backup,
            sourceTableName: tableName,
            milliseconds: milliseconds,
            isInProgress: isInProgress
        )
    }
}
