public import ShaleItems

/// The name and type of an attribute that is part of a key.
public typealias AttributeDefinition = KeySchema.Attribute

/// One element of a key: an attribute's name and its role.
public struct KeySchemaElement: Sendable, Equatable {
    /// What an attribute does in a key; the raw value is the service's name.
    public enum Role: String, Sendable, CaseIterable {
        /// Says where items live.
        case partition = "HASH"
        /// Orders the items of one partition key.
        case sort = "RANGE"
    }

    /// The attribute.
    public var attributeName: String
    /// Its role.
    public var role: Role

    /// Makes an element.
    public init(_ attributeName: String, _ role: Role) {
        self.attributeName = attributeName
        self.role = role
    }
}

/// Which attributes an index holds besides its own and the table's key.
public struct IndexProjection: Sendable, Equatable {
    /// The kinds; the raw value is the service's name.
    public enum Kind: String, Sendable, CaseIterable {
        /// Whole items.
        case all = "ALL"
        /// Nothing more.
        case keysOnly = "KEYS_ONLY"
        /// The attributes in `nonKeyAttributes`.
        case include = "INCLUDE"
    }

    /// The kind.
    public var kind: Kind
    /// Names for `.include`; nil otherwise.
    public var nonKeyAttributes: [String]?

    /// Makes a projection.
    public init(_ kind: Kind, nonKeyAttributes: [String]? = nil) {
        self.kind = kind
        self.nonKeyAttributes = nonKeyAttributes
    }

    /// Whole items.
    public static let all = IndexProjection(.all)
    /// Keys only.
    public static let keysOnly = IndexProjection(.keysOnly)
    /// Keys and these attributes.
    public static func include(_ names: [String]) -> IndexProjection {
        IndexProjection(.include, nonKeyAttributes: names)
    }
}

/// Capacity units a second that a table or global index is provisioned with.
public struct ProvisionedThroughput: Sendable, Equatable {
    /// Reads.
    public var readCapacityUnits: Int
    /// Writes.
    public var writeCapacityUnits: Int

    /// Makes a throughput.
    public init(readCapacityUnits: Int, writeCapacityUnits: Int) {
        self.readCapacityUnits = readCapacityUnits
        self.writeCapacityUnits = writeCapacityUnits
    }
}

/// How a table is paid for; the raw value is the service's name.
public enum BillingMode: String, Sendable, CaseIterable {
    /// By throughput reserved.
    case provisioned = "PROVISIONED"
    /// By request.
    case payPerRequest = "PAY_PER_REQUEST"
}

/// A table's storage class; remembered, without effect.
///
/// The raw value is the service's name.
public enum TableClass: String, Sendable, CaseIterable {
    /// Standard.
    case standard = "STANDARD"
    /// Infrequent access.
    case standardInfrequentAccess = "STANDARD_INFREQUENT_ACCESS"
}

/// Whether a table has a stream of changes, and what its records hold.
public struct StreamSpecification: Sendable, Equatable {
    /// What a record holds; the raw value is the service's name.
    public enum ViewType: String, Sendable, CaseIterable {
        /// Keys.
        case keysOnly = "KEYS_ONLY"
        /// The item after the change.
        case newImage = "NEW_IMAGE"
        /// The item before the change.
        case oldImage = "OLD_IMAGE"
        /// Both.
        case newAndOldImages = "NEW_AND_OLD_IMAGES"
    }

    /// Whether there is a stream.
    public var isEnabled: Bool
    /// What its records hold.
    public var viewType: ViewType?

    /// Makes a specification.
    public init(isEnabled: Bool, viewType: ViewType? = nil) {
        self.isEnabled = isEnabled
        self.viewType = viewType
    }
}

/// A secondary index as it is asked for: local or global, by the list it stands in.
public struct SecondaryIndexDefinition: Sendable, Equatable {
    /// The name.
    public var indexName: String
    /// The key, partition first.
    public var keySchema: [KeySchemaElement]
    /// What it holds; nil is refused, as the service does.
    public var projection: IndexProjection?
    /// For a global index of a provisioned table.
    public var provisionedThroughput: ProvisionedThroughput?
    /// For a global index of a table paid by request.
    public var onDemandThroughput: OnDemandThroughput?
    /// What a global index is to be ready for.
    public var warmThroughput: WarmThroughput?

    /// Makes a definition.
    public init(
        _ indexName: String,
        keySchema: [KeySchemaElement],
        projection: IndexProjection?,
        provisionedThroughput: ProvisionedThroughput? = nil
    ) {
        self.indexName = indexName
        self.keySchema = keySchema
        self.projection = projection
        self.provisionedThroughput = provisionedThroughput
    }
}
