/// What a table remembers for those who administer it.
///
/// Nothing here changes how items are stored: nothing is encrypted. Throughput counts as `CapacityMode` says.
struct TableSettings: Sendable, Equatable {
    /// In the order of their keys' bytes; no key twice.
    var tags: [TableTag] = []
    /// How the table was asked to be encrypted; nil when it was not.
    var encryption: EncryptionSpecification?
    /// The most that a table paid by request may take.
    var onDemand: OnDemandThroughput?
    /// What the table was asked to be ready for.
    var warm: WarmThroughput?
    /// Who may use the table, besides what the keys themselves allow.
    var policy: ResourcePolicy?
}

/// A word about a table, for people and for their tools.
public struct TableTag: Sendable, Equatable {
    /// 1 to 128 characters.
    public var key: String
    /// Up to 256 characters.
    public var value: String

    /// Makes a tag.
    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

/// How a table is asked to be encrypted at rest; remembered and described, and without effect.
public struct EncryptionSpecification: Sendable, Equatable {
    /// The name of the key, as it was given; nil is the account's own.
    public var keyName: String?

    /// Makes a specification.
    public init(keyName: String? = nil) { self.keyName = keyName }
}

/// The most request units a second that a table or index paid by request may take; nil is no limit.
public struct OnDemandThroughput: Sendable, Equatable {
    /// In a request, takes a limit away.
    public static let noLimit = -1

    /// Reads.
    public var maxReadRequestUnits: Int?
    /// Writes.
    public var maxWriteRequestUnits: Int?

    /// Makes limits.
    public init(maxReadRequestUnits: Int? = nil, maxWriteRequestUnits: Int? = nil) {
        self.maxReadRequestUnits = maxReadRequestUnits
        self.maxWriteRequestUnits = maxWriteRequestUnits
    }

    /// These limits after a request that names some of them; nil when none is left.
    func changed(by request: OnDemandThroughput) -> OnDemandThroughput? {
        func limit(_ old: Int?, _ new: Int?) -> Int? {
            guard let new else { return old }
            return new == Self.noLimit ? nil : new
        }
        let limits = OnDemandThroughput(
            maxReadRequestUnits: limit(maxReadRequestUnits, request.maxReadRequestUnits),
            maxWriteRequestUnits: limit(maxWriteRequestUnits, request.maxWriteRequestUnits)
        )
        return limits == OnDemandThroughput() ? nil : limits
    }
}

/// Units a second that a table or index can take at once.
public struct WarmThroughput: Sendable, Equatable {
    /// Reads; nil in a request leaves as it is.
    public var readUnitsPerSecond: Int?
    /// Writes; nil in a request leaves as it is.
    public var writeUnitsPerSecond: Int?

    /// Makes a throughput.
    public init(readUnitsPerSecond: Int? = nil, writeUnitsPerSecond: Int? = nil) {
        self.readUnitsPerSecond = readUnitsPerSecond
        self.writeUnitsPerSecond = writeUnitsPerSecond
    }

    /// What the service says of every table paid by request.
    static let onDemand = WarmThroughput(readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000)

    /// The larger of both, number by number.
    func raised(to other: WarmThroughput) -> WarmThroughput {
        WarmThroughput(
            readUnitsPerSecond: max(readUnitsPerSecond ?? 0, other.readUnitsPerSecond ?? 0),
            writeUnitsPerSecond: max(writeUnitsPerSecond ?? 0, other.writeUnitsPerSecond ?? 0)
        )
    }

    /// What is there without being asked for.
    static func base(_ mode: BillingMode, _ throughput: ProvisionedThroughput) -> WarmThroughput {
        switch mode {
        case .payPerRequest: .onDemand
        case .provisioned:
            WarmThroughput(
                readUnitsPerSecond: throughput.readCapacityUnits,
                writeUnitsPerSecond: throughput.writeCapacityUnits
            )
        }
    }
}

/// A policy that stands at a table, and which version of it.
public struct ResourcePolicy: Sendable, Equatable {
    /// The policy as it was put: JSON.
    public var text: String
    /// Drawn anew whenever the text changes.
    public var revision: String
}
