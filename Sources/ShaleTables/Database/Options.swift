public import ShaleEngine
public import ShaleItems

/// What a user may choose when a database is opened.
public struct DatabaseOptions: Sendable {
    /// The options of the storage engine.
    public var engine: EngineOptions
    /// What a write survives when its request does not say.
    ///
    /// Default `.synced`: the loss of power.
    public var durability: Durability
    /// Which limits of capacity count.
    ///
    /// Default none: a program that embeds the database decides itself how much it does.
    public var capacity = CapacityMode.unlimited
    /// Whether it is counted what requests use of each table and index, for a meter.
    ///
    /// Default no; a server does.
    public var metersUsage = false
    /// How long a request's write waits where flushes and compactions are behind, before it is refused as throttled.
    ///
    /// Default nil: as long as it takes. What the database writes itself, as imports and new indexes, always waits.
    public var longestWriteWait: Duration?
    /// How often expired items are looked for, streams renewed and trimmed, and loads of scaled tables looked at.
    ///
    /// Default one second; zero is never.
    public var housekeepingInterval = Duration.seconds(1)
    /// How long a table's `UpdateTimeToLive` is refused behind the one before.
    ///
    /// Default zero: not at all. The service has an hour. It is not remembered when the database is closed.
    public var timeToLiveChangeInterval = Duration.zero
    /// Bytes of disk that the records of all streams may take; at it, writes to tables with a stream are throttled.
    ///
    /// Default nil: half of what is free at the opening, and of what they take then.
    public var streamBudgetBytes: Int?
    /// Whether tables of interrupted imports stay, for `resumeImport`.
    ///
    /// Default no: the opening removes them. A server that goes on with imports says yes.
    public var resumesImports = false
    /// What is kept of items and pages that were asked for.
    public var cache = CacheOptions()
    /// Told of work in the background; called on any thread, must return at once.
    public var onEvent: (@Sendable (DatabaseEvent) -> Void)?

    /// Puts options together.
    public init(
        engine: EngineOptions = EngineOptions(),
        durability: Durability = .synced,
        onEvent: (@Sendable (DatabaseEvent) -> Void)? = nil
    ) {
        self.engine = engine
        self.durability = durability
        self.onEvent = onEvent
    }
}

/// What a database tells about its work in the background.
public enum DatabaseEvent: Sendable {
    /// A new index holds all items, and can be read.
    case indexFilled(table: String, index: String)
    /// A new index could not be filled; it is tried again when the database is opened anew.
    case indexFillingFailed(table: String, index: String, DatabaseError)
    /// A table that was restored holds all items, and can be used.
    case tableRestored(table: String)
    /// A table could not be restored; it is tried again when the database is opened anew.
    case restoreFailed(table: String, DatabaseError)
    /// An import met records that are no items of its table, and passed over them.
    case importRefusedItems(table: String, count: Int, first: String)
    /// Expired items could not be deleted; it is tried again.
    case expiryFailed(table: String, DatabaseError)
    /// The records of streams take all that they may: writes to tables with a stream are throttled.
    case streamsFull(StreamSpaceStatistics)
    /// They take less again, and those writes are taken.
    case streamsHaveSpace
    /// Streams could not be renewed or trimmed, or capacities not scaled; it is tried again.
    case housekeepingFailed(DatabaseError)
}

// The cases below stand in the order in which the service's error messages list them.

/// Which of an item's attributes a write answers with; the raw value is the service's name.
public enum ReturnValues: String, Sendable, CaseIterable {
    /// All attributes as they are now.
    case allNew = "ALL_NEW"
    /// The changed attributes as they were before.
    case updatedOld = "UPDATED_OLD"
    /// All attributes as they were before.
    case allOld = "ALL_OLD"
    /// Nothing.
    case none = "NONE"
    /// The changed attributes as they are now.
    case updatedNew = "UPDATED_NEW"
}

/// Whether a failed condition answers with the item; the raw value is the service's name.
public enum ReturnValuesOnConditionCheckFailure: String, Sendable, CaseIterable {
    /// All attributes, as they are.
    case allOld = "ALL_OLD"
    /// No.
    case none = "NONE"
}

/// How much a response says of consumed capacity; the raw value is the service's name.
public enum ReturnConsumedCapacity: String, Sendable, CaseIterable {
    /// The sum, and the parts of the table and of each index.
    case indexes = "INDEXES"
    /// The sum.
    case total = "TOTAL"
    /// Nothing.
    case none = "NONE"
}

/// Whether a write answers with the size of its item collection; the raw value is the service's name.
public enum ReturnItemCollectionMetrics: String, Sendable, CaseIterable {
    /// Yes, for tables with local indexes.
    case size = "SIZE"
    /// No.
    case none = "NONE"
}

/// What a query or scan returns; the raw value is the service's name.
public enum Select: String, Sendable, CaseIterable {
    /// What the projection names.
    case specificAttributes = "SPECIFIC_ATTRIBUTES"
    /// Only how many.
    case count = "COUNT"
    /// Whole items.
    case allAttributes = "ALL_ATTRIBUTES"
    /// What the index holds of each item.
    case allProjectedAttributes = "ALL_PROJECTED_ATTRIBUTES"
}

/// The size of all items of one partition key of a table with local indexes.
public struct ItemCollectionMetrics: Sendable, Equatable {
    /// The partition key.
    public var itemCollectionKey: Item
    /// Lower and upper bound of the size, in gigabytes.
    public var sizeEstimateRangeGB: ClosedRange<Double>

    /// Puts both together.
    public init(itemCollectionKey: Item, sizeEstimateRangeGB: ClosedRange<Double>) {
        self.itemCollectionKey = itemCollectionKey
        self.sizeEstimateRangeGB = sizeEstimateRangeGB
    }
}
