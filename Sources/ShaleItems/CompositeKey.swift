/// The key of a global secondary index, which may have several attributes for each of its two parts.
public struct CompositeKey: Sendable, Hashable {
    /// The attributes that say together where an entry lives; at least one.
    public var partition: [KeySchema.Attribute]
    /// The attributes that order the entries of one partition key, the first one first.
    public var sort: [KeySchema.Attribute]

    /// Makes a key.
    public init(partition: [KeySchema.Attribute], sort: [KeySchema.Attribute]) {
        self.partition = partition
        self.sort = sort
    }

    /// The same as a key of one attribute or two.
    public init(_ schema: KeySchema) {
        partition = [schema.partition]
        sort = schema.sort.map { [$0] } ?? []
    }

    /// All attributes: those of the partition key, then those of the sort key.
    public var attributes: [KeySchema.Attribute] { partition + sort }

    /// Whether a part has several attributes.
    public var hasSeveral: Bool { partition.count > 1 || sort.count > 1 }
}
