public import ShaleCapacity
package import ShaleExpressions
public import ShaleItems

/// What `query` and `scan` are both asked for.
public struct PageOptions: Sendable {
    /// The index; nil is the table itself.
    public var indexName: String?
    /// The filter expression's text, applied after reading.
    public var filter: String?
    /// The projection expression's text.
    public var projection: String?
    /// What names and values in the texts stand for.
    public var attributes = ExpressionAttributes()
    /// The filter of a request that has no text for it.
    package var legacyFilter: Condition?
    /// The projection of a request that has no text for it.
    package var attributesToGet: Projection?
    /// What is returned; nil is everything that is there, or what `projection` names.
    public var select: Select?
    /// Most items to read (before the filter), from 1; nil is as many as fit into 1 MB.
    public var limit: Int?
    /// Where the page begins: behind this key.
    ///
    /// It need not exist.
    public var exclusiveStartKey: Item?
    /// Counts twice the capacity; refused for a global index.
    public var consistentRead = false
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none

    /// The defaults.
    public init() {}
}

/// What `Database.query` is asked for.
public struct QueryRequest: Sendable {
    /// The table.
    public var tableName: String
    /// The key condition expression's text.
    public var keyCondition: String
    /// The key condition of a request that has no text for it; then `keyCondition` is empty.
    package var keyConditions: [LegacyCondition]?
    /// Whether items come in ascending order of their sort keys.
    public var scanIndexForward = true
    /// Index, filter, paging and so on.
    public var options: PageOptions

    /// Puts a request together.
    public init(tableName: String, keyCondition: String, options: PageOptions = PageOptions()) {
        self.tableName = tableName
        self.keyCondition = keyCondition
        self.options = options
    }
}

/// What `Database.scan` is asked for.
public struct ScanRequest: Sendable {
    /// The table.
    public var tableName: String
    /// Which part of a parallel scan this is, from 0; with `totalSegments`.
    public var segment: Int?
    /// How many parts a parallel scan has, 1 to 1,000,000; with `segment`.
    public var totalSegments: Int?
    /// Index, filter, paging and so on.
    public var options: PageOptions

    /// Puts a request together.
    public init(tableName: String, options: PageOptions = PageOptions()) {
        self.tableName = tableName
        self.options = options
    }
}

/// One page of a query or scan.
public struct PageResponse: Sendable, Equatable {
    /// The items; empty for `Select.count`.
    public var items: [Item]
    /// How many items passed the filter.
    public var count: Int
    /// How many items were read.
    public var scannedCount: Int
    /// Where the next page begins; nil when there is none.
    public var lastEvaluatedKey: Item?
    /// Capacity, when asked for.
    public var consumedCapacity: ConsumedCapacity?
    /// What an `ItemSink` made of the items, which are then not in `items`; nil where it was not asked.
    package var encodedItems: [UInt8]?
}

/// Appends the stored bytes of one item to an answer, in a form of its own.
package typealias ItemSink = @Sendable (Span<UInt8>, inout [UInt8]) throws(ItemError) -> Void

/// Makes an answer of the stored bytes of one item.
package typealias ItemReading<Answer> = @Sendable (Span<UInt8>) throws(ItemError) -> Answer
