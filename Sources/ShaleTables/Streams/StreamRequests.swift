/// What `Database.listStreams` answers.
public struct ListStreamsResponse: Sendable, Equatable {
    /// By table, then oldest first.
    public var streams: [StreamIdentity]
    /// Where the next page begins; nil when this was the last.
    public var lastEvaluated: StreamIdentity?
}

/// What `Database.describeStream` is asked for.
public struct DescribeStreamRequest: Sendable {
    /// The stream.
    public var stream: StreamIdentity
    /// Most shards that are answered, 1 to 100.
    public var limit = 100
    /// Begin behind this shard.
    public var exclusiveStart: ShardIdentity?
    /// Only the children of this shard.
    public var childrenOf: ShardIdentity?

    /// A request for all shards.
    public init(_ stream: StreamIdentity) { self.stream = stream }
}

/// A stream as `describeStream` shows it.
public struct StreamDescription: Sendable, Equatable {
    /// Which it is.
    public var identity: StreamIdentity
    /// Whether changes are added.
    public var isEnabled: Bool
    /// What it keeps of items.
    public var viewType: StreamSpecification.ViewType
    /// The key of its table.
    public var keySchema: [KeySchemaElement]
    /// Its shards, oldest first.
    public var shards: [ShardDescription]
    /// Where the next page begins; nil when this was the last.
    public var lastEvaluated: ShardIdentity?
}

/// A shard as `describeStream` shows it.
public struct ShardDescription: Sendable, Equatable {
    /// Which it is.
    public var identity: ShardIdentity
    /// The shard that had its keys before; nil if there is none that still counts.
    public var parent: ShardIdentity?
    /// No record is before this place.
    public var starting: StreamSequence
    /// The place of the last record; nil while records may come.
    public var ending: StreamSequence?
}

/// From where an iterator reads.
public enum ShardIteratorStart: Sendable, Equatable {
    /// The oldest record that counts.
    case trimHorizon
    /// What comes from now on.
    case latest
    /// The record at a place, and what follows.
    case at(StreamSequence)
    /// What follows the record at a place.
    case after(StreamSequence)
}

/// What `Database.getRecords` answers.
public struct GetRecordsResponse: Sendable, Equatable {
    /// The records, oldest first.
    public var records: [ChangeRecord]
    /// Where to read on; nil at the end of a shard that is closed.
    public var next: ShardIterator?
}
