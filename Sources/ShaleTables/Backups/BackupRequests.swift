/// What `Database.listBackups` is asked for.
public struct ListBackupsRequest: Sendable {
    /// Only of tables of this name.
    public var tableName: String?
    /// From 1 to 100, the default.
    public var limit: Int?
    /// Only those made then or later: milliseconds since 1970-01-01 UTC.
    public var sinceMilliseconds: Int64?
    /// Only those made before.
    public var beforeMilliseconds: Int64?
    /// Beginning behind this one.
    public var exclusiveStart: BackupIdentity?
    /// Only of this type; nil is any.
    public var type: BackupType?

    /// A request for all.
    public init() {}
}

/// What `Database.listBackups` answers.
public struct ListBackupsResponse: Sendable, Equatable {
    /// Backups, the oldest first.
    public var backups: [BackupDescription]
    /// Where the next page begins; nil when this was the last.
    public var lastEvaluated: BackupIdentity?

    /// A page.
    public init(backups: [BackupDescription], lastEvaluated: BackupIdentity? = nil) {
        self.backups = backups
        self.lastEvaluated = lastEvaluated
    }
}

/// What is to be otherwise in a restored table than it was; nil leaves as it was.
public struct RestoreOverrides: Sendable {
    /// How it is paid for.
    public var billingMode: BillingMode?
    /// Its throughput.
    public var provisionedThroughput: ProvisionedThroughput?
    /// The limits by request.
    public var onDemandThroughput: OnDemandThroughput?
    /// Those of its global indexes that it gets, all or some.
    public var globalIndexes: [SecondaryIndexDefinition]?
    /// Those of its local indexes that it gets, all or some.
    public var localIndexes: [SecondaryIndexDefinition]?
    /// How it is asked to be encrypted: a specification, or none any more.
    public var encryption: EncryptionSpecification??

    /// None.
    public init() {}
}

/// The second to which a table is restored.
public enum RestoreTime: Sendable, Equatable {
    /// The newest there is.
    case latest
    /// Milliseconds since 1970-01-01 UTC.
    case at(Int64)
}
