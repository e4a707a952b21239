internal import ShaleEngine

/// Which backup it is: of all backups of tables of that name, the one that was made then.
public struct BackupIdentity: Hashable, Comparable, Sendable {
    /// The table's name.
    public var tableName: String
    /// When it was made, in milliseconds since 1970 with 14 digits, and eight random hexadecimal digits:
    /// `01489173575360-b308cd7d`.
    public var label: String

    /// An identity.
    public init(tableName: String, label: String) {
        self.tableName = tableName
        self.label = label
    }

    /// Oldest first; at the same time by table.
    public static func < (left: BackupIdentity, right: BackupIdentity) -> Bool {
        left.label == right.label
            ? left.tableName.utf8.lexicographicallyPrecedes(right.tableName.utf8)
            : left.label.utf8.lexicographicallyPrecedes(right.label.utf8)
    }
}

/// Who asked for a backup; the raw value is the service's name.
public enum BackupType: String, Sendable, CaseIterable {
    /// A user.
    case user = "USER"
    /// The deletion of a table that kept its past.
    case system = "SYSTEM"
}

/// What the database knows of one backup: how its table was, and where the checkpoint is.
///
/// The checkpoint is in `backups/` under the label, whole and synced before the entry is; so an entry without a checkpoint
/// is damage, and a checkpoint without an entry is what a crash has left, and is removed at the next opening.
struct BackupDefinition: Sendable, Equatable {
    var identity: BackupIdentity
    /// What its user called it.
    var name: String
    var type: BackupType
    /// Milliseconds since 1970-01-01 UTC, as all times here.
    var createdMilliseconds: Int64
    /// When it goes by itself; nil is never.
    var expiryMilliseconds: Int64?
    /// The table as it was.
    var table: TableDefinition
    /// What the table and then each index held.
    var tallies: [Tally]

    /// The directory of its checkpoint, in that of the database.
    var directory: String { Self.directoryName + "/" + identity.label }

    static let directoryName = "backups"
    /// How long the backup of a deleted table stays.
    static let systemMilliseconds: Int64 = 35 * 24 * 60 * 60 * 1000

    /// The engine's tables that the definition names.
    var engineTables: [EngineTable] {
        [table.engineTable] + table.indexes.map(\.engineTable)
            + (table.timeToLive.map { [$0.engineTable] } ?? [])
    }
}

/// A backup as its users see it.
public struct BackupDescription: Sendable, Equatable {
    /// The states; the raw value is the service's name.
    public enum Status: String, Sendable, CaseIterable {
        /// Ready to be restored from.
        case available = "AVAILABLE"
        /// Gone.
        case deleted = "DELETED"
    }

    /// Which one it is.
    public var identity: BackupIdentity
    /// What its user called it.
    public var name: String
    /// Who asked for it.
    public var type: BackupType
    /// Its state.
    public var status: Status
    /// When it was made: milliseconds since 1970-01-01 UTC.
    public var createdMilliseconds: Int64
    /// When it goes by itself.
    public var expiryMilliseconds: Int64?
    /// The table as it was.
    public var table: TableDescription
    /// The attribute that says when items of the table expired, if they did.
    public var expiryAttribute: String?
}

extension BackupDefinition {
    func description(_ status: BackupDescription.Status = .available) -> BackupDescription {
        BackupDescription(
            identity: identity,
            name: name,
            type: type,
            status: status,
            createdMilliseconds: createdMilliseconds,
            expiryMilliseconds: expiryMilliseconds,
            table: table.description(.active, tallies, at: createdMilliseconds),
            expiryAttribute: table.timeToLive?.attributeName
        )
    }
}
