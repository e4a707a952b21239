public import ShaleCapacity
public import ShaleEngine
public import ShaleItems

/// One action of a transaction that writes.
public struct TransactWriteAction: Sendable {
    /// What an action does.
    public enum Change: Sendable {
        /// Puts the whole item.
        case put(Item)
        /// Deletes the item of this primary key.
        case delete(key: Item)
        /// Changes the item of this primary key by an update expression, or makes it.
        case update(key: Item, String)
        /// Changes nothing: the condition of the item of this primary key must hold.
        case check(key: Item)
    }

    /// The table.
    public var tableName: String
    /// What is done.
    public var change: Change
    /// The condition's text; nil always holds, and a check needs one.
    public var condition: String?
    /// What names and values in the texts stand for.
    public var attributes = ExpressionAttributes()
    /// Whether a failed condition's reason holds the item.
    public var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none

    /// An action.
    public init(tableName: String, _ change: Change, condition: String? = nil) {
        self.tableName = tableName
        self.change = change
        self.condition = condition
    }
}

/// What `Database.transactWriteItems` is asked for.
public struct TransactWriteItemsRequest: Sendable {
    /// 1 to 100 actions, no two of one item.
    public var actions: [TransactWriteAction]
    /// Makes a repetition within 10 minutes answer without doing anything; 1 to 36 bytes.
    public var clientRequestToken: String?
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none
    /// Whether the answer holds sizes of item collections.
    public var returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none
    /// What the writes survive; nil is the database's choice.
    public var durability: Durability?

    /// A request.
    public init(_ actions: [TransactWriteAction], clientRequestToken: String? = nil) {
        self.actions = actions
        self.clientRequestToken = clientRequestToken
    }
}

/// What `Database.transactWriteItems` answers.
public struct TransactWriteItemsResponse: Sendable {
    /// Capacity of each table, when asked for: of writes, or of reads where `wasRepeated`.
    public var consumedCapacity: [ConsumedCapacity]?
    /// Sizes of item collections, by table, when asked for.
    public var itemCollectionMetrics: [(tableName: String, metrics: [ItemCollectionMetrics])]?
    /// Whether the token's transaction had been done before, and nothing was done now.
    public var wasRepeated = false
}

/// One read of a transaction that reads.
public struct TransactGet: Sendable {
    /// The table.
    public var tableName: String
    /// The primary key, nothing else.
    public var key: Item
    /// The projection expression's text; nil is all attributes.
    public var projection: String?
    /// What names in the text stand for.
    public var names: [String: String]?

    /// A read of a whole item.
    public init(tableName: String, key: Item) {
        self.tableName = tableName
        self.key = key
    }
}

/// What `Database.transactGetItems` is asked for.
public struct TransactGetItemsRequest: Sendable {
    /// 1 to 100 reads, no two of one item.
    public var gets: [TransactGet]
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none

    /// A request.
    public init(_ gets: [TransactGet]) { self.gets = gets }
}

/// What `Database.transactGetItems` answers.
public struct TransactGetItemsResponse: Sendable {
    /// The items in the order of the request, nil where there is none.
    public var items: [Item?]
    /// Capacity of each table, when asked for.
    public var consumedCapacity: [ConsumedCapacity]?
}

/// Why an action did not let its transaction happen.
public struct CancellationReason: Sendable, Equatable {
    /// The reasons; the raw value is the service's name.
    public enum Code: String, Sendable, Equatable {
        /// It was not this action.
        case none = "None"
        /// Its condition does not hold.
        case conditionalCheckFailed = "ConditionalCheckFailed"
        /// The item that its `INSERT` puts is there already.
        case duplicateItem = "DuplicateItem"
        /// What it would make breaks a rule of the data model.
        case validationError = "ValidationError"
        /// The provisioned throughput of its table or of an index is used up.
        case throughputExceeded = "ProvisionedThroughputExceeded"
        /// Its table is paid by request and may not take more at the moment.
        case throttled = "ThrottlingError"
    }

    /// The reason.
    public var code: Code
    /// The service's words; nil for `.none`.
    public var message: String?
    /// The item as it was when a condition failed, where the action asked for it.
    public var item: Item?
    /// What is used up, where it was throttled.
    public var throttling: ThrottlingReason?

    /// A reason.
    public init(_ code: Code, _ message: String? = nil, item: Item? = nil) {
        self.code = code
        self.message = message
        self.item = item
    }

    /// Of an action that had no reason to fail.
    public static let none = CancellationReason(.none)
}
