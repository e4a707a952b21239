public import ShaleCapacity
public import ShaleEngine
package import ShaleExpressions
public import ShaleItems

/// The keys that a batch reads from one table, and how.
public struct KeysAndAttributes: Sendable, Equatable {
    /// Primary keys, each once.
    public var keys: [Item]
    /// The projection expression's text; nil is all attributes.
    public var projection: String?
    /// What names in the text stand for.
    public var names: [String: String]?
    /// The projection of a request that has no text for it.
    package var attributesToGet: Projection?
    /// Counts twice the capacity.
    public var consistentRead = false

    /// Whole items of these keys.
    public init(keys: [Item]) { self.keys = keys }
}

/// What `Database.batchGetItem` is asked for.
public struct BatchGetItemRequest: Sendable {
    /// Up to 100 keys in all, by table.
    ///
    /// A table may stand here again, with other keys.
    public var requestItems: [(tableName: String, keys: KeysAndAttributes)]
    /// What the answer calls the tables, in the order of `requestItems`; nil is by their names.
    package var shownNames: [String]?
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none

    /// A request.
    public init(_ requestItems: [(tableName: String, keys: KeysAndAttributes)]) {
        self.requestItems = requestItems
    }
}

/// What `Database.batchGetItem` answers.
public struct BatchGetItemResponse: Sendable {
    /// The items found, by table, in the order of the request.
    public var responses: [(tableName: String, items: [Item])]
    /// What did not fit into 16 MB, or what there was no capacity for, by table; ask for it again.
    public var unprocessedKeys: [(tableName: String, keys: KeysAndAttributes)]
    /// Capacity of each table, when asked for.
    public var consumedCapacity: [ConsumedCapacity]?
}

/// One write of a batch.
public enum BatchWrite: Sendable, Equatable {
    /// Puts the whole item.
    case put(Item)
    /// Deletes the item of this primary key.
    case delete(key: Item)
}

/// What `Database.batchWriteItem` is asked for.
public struct BatchWriteItemRequest: Sendable {
    /// Up to 25 writes in all, by table, no two of one key.
    ///
    /// Each is on its own: there is no atomicity across a batch.
    /// A table may stand here again, with other keys.
    public var requestItems: [(tableName: String, writes: [BatchWrite])]
    /// What the answer calls the tables, in the order of `requestItems`; nil is by their names.
    package var shownNames: [String]?
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none
    /// Whether the answer holds sizes of item collections.
    public var returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none
    /// What the writes survive; nil is the database's choice.
    public var durability: Durability?

    /// A request.
    public init(_ requestItems: [(tableName: String, writes: [BatchWrite])]) {
        self.requestItems = requestItems
    }
}

/// What `Database.batchWriteItem` answers.
public struct BatchWriteItemResponse: Sendable {
    /// What was not done because there was no capacity for it, by table; ask for it again.
    public var unprocessedItems: [(tableName: String, writes: [BatchWrite])]
    /// Capacity of each table, when asked for.
    public var consumedCapacity: [ConsumedCapacity]?
    /// Sizes of item collections, by table, when asked for.
    public var itemCollectionMetrics: [(tableName: String, metrics: [ItemCollectionMetrics])]?
}
