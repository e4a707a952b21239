/// The bounds of tables and requests, as the service documents them.
///
/// Each is inclusive.
public enum TableLimits {
    /// Characters of a table's or index's name.
    public static let nameLength = 3...255
    /// Local indexes of a table.
    public static let localIndexes = 5
    /// Global indexes of a table.
    public static let globalIndexes = 20
    /// Non-key attributes that all indexes of a table project by name, counted once for each index.
    public static let projectedAttributes = 100
    /// Non-key attributes in one projection.
    public static let attributesPerProjection = 20
    /// Attributes of the partition key of a global index, and of its sort key.
    public static let attributesPerKeyPart = 4
    /// Units of capacity that can be provisioned at all.
    public static let provisionedUnits = 1_000_000_000_000
    /// Bytes of the name of a key attribute.
    public static let keyAttributeNameSizeBytes = 255
    /// Bytes of items that one page reads before it ends: 1 MB.
    public static let pageSizeBytes = 1024 * 1024
    /// Names in one page of `listTables`.
    public static let namesPerPage = 100
    /// Tags of a table.
    public static let tags = 50
    /// Tags in one page.
    public static let tagsPerPage = 25
    /// Characters of a tag's key.
    public static let tagKeyLength = 1...128
    /// Characters of a tag's value.
    public static let tagValueLength = 256
    /// Bytes of a table's policy.
    public static let policySizeBytes = 20 * 1024
    /// Parts of a parallel scan.
    public static let scanSegments = 1_000_000
    /// Keys in one `batchGetItem`.
    public static let keysPerBatchGet = 100
    /// Bytes of items that one `batchGetItem` answers: 16 MB.
    public static let batchGetSizeBytes = 16 * 1024 * 1024
    /// Statements in one `batchExecuteStatement`.
    public static let statementsPerBatch = 25
    /// Writes in one `batchWriteItem`.
    public static let writesPerBatch = 25
    /// Actions of one transaction, or its reads.
    public static let transactionActions = 1...100
    /// Bytes of items that one transaction writes or reads: 4 MB.
    public static let transactionSizeBytes = 4 * 1024 * 1024
    /// Bytes of a transaction's token.
    public static let tokenSizeBytes = 1...36
    /// How long a transaction's token is remembered at least.
    public static let tokenMilliseconds: Int64 = 10 * 60 * 1000
}
