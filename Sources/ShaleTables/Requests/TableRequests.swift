public import ShaleItems

/// What `Database.createTable` is asked for.
public struct CreateTableRequest: Sendable {
    /// 3 to 255 characters of `a-z A-Z 0-9 _ . -`.
    public var tableName: String
    /// Exactly the key attributes of the table and its indexes.
    public var attributeDefinitions: [AttributeDefinition]
    /// One partition key, and perhaps one sort key.
    public var keySchema: [KeySchemaElement]
    /// At most 5, each with the table's partition key and another sort key.
    public var localSecondaryIndexes: [SecondaryIndexDefinition] = []
    /// At most 20.
    public var globalSecondaryIndexes: [SecondaryIndexDefinition] = []
    /// Nil is `.provisioned`, as the service has it.
    public var billingMode: BillingMode?
    /// Needed when provisioned, refused when paid by request.
    public var provisionedThroughput: ProvisionedThroughput?
    /// Whether `deleteTable` is refused.
    public var deletionProtection = false
    /// The storage class; remembered only.
    public var tableClass: TableClass?
    /// The stream; remembered only.
    public var stream: StreamSpecification?
    /// Tags; at most 50.
    public var tags: [TableTag] = []
    /// How it is asked to be encrypted; remembered only.
    public var encryption: EncryptionSpecification?
    /// The most that it may take when paid by request; remembered only.
    public var onDemandThroughput: OnDemandThroughput?
    /// What it is to be ready for; remembered only.
    public var warmThroughput: WarmThroughput?
    /// Its policy, checked by the caller.
    public var policy: String?

    /// A request with the fields that every table needs.
    public init(
        tableName: String,
        attributeDefinitions: [AttributeDefinition],
        keySchema: [KeySchemaElement]
    ) {
        self.tableName = tableName
        self.attributeDefinitions = attributeDefinitions
        self.keySchema = keySchema
    }
}

/// What `Database.updateTable` is asked for; nil leaves as it is.
public struct UpdateTableRequest: Sendable {
    /// One change of a global index.
    public enum IndexChange: Sendable {
        /// Makes the index, and fills it in the background.
        case create(SecondaryIndexDefinition)
        /// Changes its throughput.
        case update(name: String, ProvisionedThroughput)
        /// Changes what it remembers of throughput: the limits by request, or what it is to be ready for.
        case remember(name: String, OnDemandThroughput?, WarmThroughput?)
        /// Deletes it.
        case delete(name: String)

        /// The name of the index.
        public var indexName: String {
            switch self {
            case .create(let definition): definition.indexName
            case .update(let name, _), .remember(let name, _, _), .delete(let name): name
            }
        }
    }

    /// The table.
    public var tableName: String
    /// Names and types for the key of an index that is made.
    public var attributeDefinitions: [AttributeDefinition] = []
    /// The new billing mode.
    public var billingMode: BillingMode?
    /// The new throughput.
    public var provisionedThroughput: ProvisionedThroughput?
    /// Changes of indexes; at most one that makes or deletes.
    public var indexChanges: [IndexChange] = []
    /// The new protection.
    public var deletionProtection: Bool?
    /// The new storage class.
    public var tableClass: TableClass?
    /// The new stream.
    public var stream: StreamSpecification?
    /// How it is asked to be encrypted: a specification, or none any more.
    public var encryption: EncryptionSpecification??
    /// The new limits by request.
    public var onDemandThroughput: OnDemandThroughput?
    /// What it is to be ready for from now on.
    public var warmThroughput: WarmThroughput?

    /// A request that changes nothing yet.
    public init(tableName: String) { self.tableName = tableName }
}

/// What `Database.listTables` answers.
public struct ListTablesResponse: Sendable, Equatable {
    /// Names in the order of their bytes.
    public var tableNames: [String]
    /// Where the next page begins; nil when this was the last.
    public var lastEvaluatedTableName: String?
}
