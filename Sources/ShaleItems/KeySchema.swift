/// Which attributes are the key of a table or of a secondary index, and their types.
public struct KeySchema: Sendable, Hashable {
    /// One attribute of a key.
    public struct Attribute: Sendable, Hashable {
        /// The attribute's name.
        public var name: String
        /// The attribute's type.
        public var type: KeyType

        /// Makes one.
        public init(_ name: String, _ type: KeyType) {
            self.name = name
            self.type = type
        }

        /// Whether both have the same name, by UTF-8 bytes, and type.
        public static func == (left: Attribute, right: Attribute) -> Bool {
            left.type == right.type && TextOrder.areEqual(left.name, right.name)
        }

        /// Feeds what `==` compares into the hasher.
        public func hash(into hasher: inout Hasher) {
            SetOrder.hash(name, into: &hasher)
            hasher.combine(type)
        }
    }

    /// The attribute that says where an item lives.
    public var partition: Attribute
    /// The attribute that orders the items of one partition key, if there is one.
    public var sort: Attribute?

    /// Makes a schema.
    public init(partition: Attribute, sort: Attribute? = nil) {
        self.partition = partition
        self.sort = sort
    }

    /// The key attributes: partition, then sort.
    public var attributes: [Attribute] { [partition] + (sort.map { [$0] } ?? []) }
}
