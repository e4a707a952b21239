public import ShaleItems

/// The state of a table or index; the raw value is the service's name.
public enum ResourceStatus: String, Sendable, CaseIterable {
    /// Being made; an index is filled with the items that the table held.
    case creating = "CREATING"
    /// Being changed.
    case updating = "UPDATING"
    /// Being deleted.
    case deleting = "DELETING"
    /// Ready.
    case active = "ACTIVE"
}

/// A secondary index as `describeTable` shows it.
public struct IndexDescription: Sendable, Equatable {
    /// The name.
    public var indexName: String
    /// The key, partition first.
    public var keySchema: [KeySchemaElement]
    /// What it holds besides keys.
    public var projection: IndexProjection
    /// The state.
    ///
    /// A local index is always active.
    public var status: ResourceStatus
    /// Whether a global index is being filled.
    public var isBackfilling: Bool
    /// Provisioned throughput of a global index; zeros when the table is paid by request.
    public var provisionedThroughput: ProvisionedThroughput
    /// When that was last raised.
    public var lastIncreaseMilliseconds: Int64?
    /// When that was last lowered.
    public var lastDecreaseMilliseconds: Int64?
    /// How often that was lowered since midnight UTC.
    public var decreasesToday: Int
    /// Bytes held, as far as counted.
    public var sizeBytes: Int
    /// Entries held, as far as counted.
    public var itemCount: Int
    /// The most that it may take when the table is paid by request.
    public var onDemandThroughput: OnDemandThroughput?
    /// What it says to be ready for.
    public var warmThroughput: WarmThroughput
}

/// A table as `describeTable` shows it.
public struct TableDescription: Sendable, Equatable {
    /// The name.
    public var tableName: String
    /// A UUID drawn when the table was made.
    public var tableID: String
    /// The state.
    public var status: ResourceStatus
    /// When it was made: milliseconds since 1970-01-01 UTC.
    public var creationMilliseconds: Int64
    /// Names and types of all key attributes of the table and its indexes.
    public var attributeDefinitions: [AttributeDefinition]
    /// The key, partition first.
    public var keySchema: [KeySchemaElement]
    /// Local indexes.
    public var localSecondaryIndexes: [IndexDescription]
    /// Global indexes.
    public var globalSecondaryIndexes: [IndexDescription]
    /// How it is paid for.
    public var billingMode: BillingMode
    /// When it was last set to be paid by request: milliseconds since 1970-01-01 UTC.
    public var payPerRequestSinceMilliseconds: Int64?
    /// Provisioned throughput; zeros when paid by request.
    public var provisionedThroughput: ProvisionedThroughput
    /// When the provisioned throughput was last raised.
    public var lastIncreaseMilliseconds: Int64?
    /// When the provisioned throughput was last lowered.
    public var lastDecreaseMilliseconds: Int64?
    /// How often the provisioned throughput was lowered since midnight UTC.
    public var decreasesToday: Int
    /// Whether `deleteTable` is refused.
    public var deletionProtection: Bool
    /// The storage class; nil when none was asked for.
    public var tableClass: TableClass?
    /// The stream; nil when none was asked for.
    public var stream: StreamSpecification?
    /// When its newest stream was made: milliseconds since 1970-01-01 UTC; nil if it never had one.
    public var streamMilliseconds: Int64?
    /// Bytes of all items, as far as counted.
    public var sizeBytes: Int
    /// Items, as far as counted.
    public var itemCount: Int
    /// How it was asked to be encrypted; nothing is.
    public var encryption: EncryptionSpecification?
    /// The most that it may take when paid by request.
    public var onDemandThroughput: OnDemandThroughput?
    /// What it says to be ready for.
    public var warmThroughput: WarmThroughput
    /// Where it was restored from.
    public var restore: RestoreSummary?
}
