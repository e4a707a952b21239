public import ShaleCapacity
public import ShaleEngine
package import ShaleExpressions
public import ShaleItems

/// Names and values that the texts of expressions stand for.
public struct ExpressionAttributes: Sendable, Equatable {
    /// `#n` to the attribute's name; nil when none were given.
    public var names: [String: String]?
    /// `:v` to the value; nil when none were given.
    public var values: [String: AttributeValue]?

    /// Names and values.
    public init(names: [String: String]? = nil, values: [String: AttributeValue]? = nil) {
        self.names = names
        self.values = values
    }
}

/// What every write of one item may be asked for besides.
public struct WriteOptions: Sendable {
    /// The condition's text; nil always holds.
    public var condition: String?
    /// What names and values in the texts stand for.
    public var attributes = ExpressionAttributes()
    /// Which attributes the answer holds.
    public var returnValues: ReturnValues = .none
    /// Whether a failed condition answers with the item.
    public var returnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailure = .none
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none
    /// Whether the answer holds the size of the item collection.
    public var returnItemCollectionMetrics: ReturnItemCollectionMetrics = .none
    /// What the write survives; nil is the database's choice.
    public var durability: Durability?
    /// The condition of a request that has no text for it.
    package var expected: Condition?

    /// The defaults.
    public init() {}
}

/// What `Database.putItem` is asked for.
public struct PutItemRequest: Sendable {
    /// The table.
    public var tableName: String
    /// The whole item.
    public var item: Item
    /// Condition, return values and so on.
    ///
    /// Return values are `.none` or `.allOld`.
    public var options: WriteOptions

    /// Puts a request together.
    public init(tableName: String, item: Item, options: WriteOptions = WriteOptions()) {
        self.tableName = tableName
        self.item = item
        self.options = options
    }
}

/// What `Database.deleteItem` is asked for.
public struct DeleteItemRequest: Sendable {
    /// The table.
    public var tableName: String
    /// The primary key, nothing else.
    public var key: Item
    /// Condition, return values and so on.
    ///
    /// Return values are `.none` or `.allOld`.
    public var options: WriteOptions

    /// Puts a request together.
    public init(tableName: String, key: Item, options: WriteOptions = WriteOptions()) {
        self.tableName = tableName
        self.key = key
        self.options = options
    }
}

/// What `Database.updateItem` is asked for.
public struct UpdateItemRequest: Sendable {
    /// The table.
    public var tableName: String
    /// The primary key, nothing else.
    public var key: Item
    /// The update expression's text; nil only makes sure that the item exists.
    public var update: String?
    /// The update of a request that has no text for it.
    package var attributeUpdates: Update?
    /// Condition, return values and so on.
    public var options: WriteOptions

    /// Puts a request together.
    public init(
        tableName: String,
        key: Item,
        update: String?,
        options: WriteOptions = WriteOptions()
    ) {
        self.tableName = tableName
        self.key = key
        self.update = update
        self.options = options
    }
}

/// What a write of one item answers.
public struct WriteItemResponse: Sendable, Equatable {
    /// The attributes that `returnValues` asked for; nil when there are none.
    public var attributes: Item?
    /// Capacity, when asked for.
    public var consumedCapacity: ConsumedCapacity?
    /// The item collection's size, when asked for and the table has local indexes.
    public var itemCollectionMetrics: ItemCollectionMetrics?
}

/// What `Database.getItem` is asked for.
public struct GetItemRequest: Sendable {
    /// The table.
    public var tableName: String
    /// The primary key, nothing else.
    public var key: Item
    /// The projection expression's text; nil is all attributes.
    public var projection: String?
    /// What names in the text stand for.
    public var names: [String: String]?
    /// The projection of a request that has no text for it.
    package var attributesToGet: Projection?
    /// Counts twice the capacity.
    ///
    /// Every read of a table is consistent here.
    public var consistentRead = false
    /// How much the answer says of capacity.
    public var returnConsumedCapacity: ReturnConsumedCapacity = .none

    /// A request for the whole item.
    public init(tableName: String, key: Item) {
        self.tableName = tableName
        self.key = key
    }
}

/// What `Database.getItem` answers.
public struct GetItemResponse: Sendable, Equatable {
    /// The item, or nil if there is none.
    public var item: Item?
    /// Capacity, when asked for.
    public var consumedCapacity: ConsumedCapacity?
}
