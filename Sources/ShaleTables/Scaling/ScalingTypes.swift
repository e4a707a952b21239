internal import ShaleCapacity

/// What is scaled: the reads or writes of a table or of a global index.
public struct ScalableResource: Sendable, Hashable {
    /// The dimensions; the raw value is the service's name.
    public enum Dimension: String, Sendable, Hashable, CaseIterable {
        /// Reads of a table.
        case tableReads = "dynamodb:table:ReadCapacityUnits"
        /// Writes of a table.
        case tableWrites = "dynamodb:table:WriteCapacityUnits"
        /// Reads of a global index.
        case indexReads = "dynamodb:index:ReadCapacityUnits"
        /// Writes of a global index.
        case indexWrites = "dynamodb:index:WriteCapacityUnits"

        /// Whether it is of an index.
        public var isOfIndex: Bool { self == .indexReads || self == .indexWrites }
        /// Whether it counts reads.
        public var isOfReads: Bool { self == .tableReads || self == .indexReads }
    }

    /// The table.
    public var tableName: String
    /// The global index, where it is one.
    public var indexName: String?
    /// What of it.
    public var dimension: Dimension

    /// The resource with a name as `table/NAME` or `table/NAME/index/NAME`; nil where that does not fit the dimension.
    public init?(_ identity: String, _ dimension: Dimension) {
        let parts = identity.split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard parts.count == (dimension.isOfIndex ? 4 : 2), parts[0] == "table",
            !dimension.isOfIndex || parts[2] == "index", !parts.contains("")
        else { return nil }
        tableName = parts[1]
        indexName = dimension.isOfIndex ? parts[3] : nil
        self.dimension = dimension
    }

    /// `table/NAME` or `table/NAME/index/NAME`.
    public var identity: String {
        "table/\(tableName)" + (indexName.map { "/index/\($0)" } ?? "")
    }
}

/// Something that may be scaled, and how far.
public struct ScalableTarget: Sendable, Equatable {
    /// What is scaled.
    public var resource: ScalableResource
    /// Drawn at random when it was registered.
    public var id: String
    /// The least capacity.
    public var minimum: Int
    /// The most.
    public var maximum: Int
    /// The role that it was given; nothing is done with it.
    public var role: String?
    /// When it was registered: milliseconds since 1970-01-01 UTC.
    public var creationMilliseconds: Int64
    /// What is not done at the moment.
    public var suspended = ScalingSuspension()
    /// Words about it, by key.
    public var tags: [String: String] = [:]
    /// Its policies, in the order of their names' bytes.
    public var policies: [ScalingPolicy] = []
}

/// What is not done with a target at the moment.
public struct ScalingSuspension: Sendable, Equatable {
    /// Capacity is not lowered.
    public var scalingIn = false
    /// Capacity is not raised.
    public var scalingOut = false
    /// Remembered: nothing is scheduled.
    public var scheduled = false

    /// Nothing is suspended.
    public init() {}
}

/// Which utilisation a target is kept at.
public struct ScalingPolicy: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Drawn at random when it was made.
    public var id: String
    /// When it was made: milliseconds since 1970-01-01 UTC.
    public var creationMilliseconds: Int64
    /// What is wanted.
    public var configuration: Configuration

    /// What a policy of target tracking wants.
    public struct Configuration: Sendable, Equatable {
        /// Percent of the capacity that is to be consumed.
        public var targetPercent: Double
        /// Seconds after a raise until the next; nil is none.
        public var scaleOutCooldownSeconds: Int?
        /// Seconds after a lowering until the next; nil is none.
        public var scaleInCooldownSeconds: Int?
        /// Whether capacity is never lowered; nil was not said.
        public var disablesScaleIn: Bool?

        /// Puts a configuration together.
        public init(targetPercent: Double) { self.targetPercent = targetPercent }
    }
}

/// Something that was done to a target, or could not be done.
public struct ScalingActivity: Sendable, Equatable {
    /// How it ended; the raw value is the service's name.
    public enum Status: String, Sendable, CaseIterable {
        /// It was done.
        case successful = "Successful"
        /// It could not be done.
        case failed = "Failed"
    }

    /// Drawn at random.
    public var id: String
    /// What was scaled.
    public var resource: ScalableResource
    /// What was to be done, in a sentence.
    public var description: String
    /// Why.
    public var cause: String
    /// When it began: milliseconds since 1970-01-01 UTC.
    public var startMilliseconds: Int64
    /// When it ended.
    public var endMilliseconds: Int64
    /// How.
    public var status: Status
    /// What came of it, in a sentence.
    public var statusMessage: String
}

extension ScalableTarget {
    /// What a policy wants of the target.
    func tracking(_ policy: ScalingPolicy) -> TargetTracking.Policy {
        TargetTracking.Policy(
            targetPercent: policy.configuration.targetPercent,
            minimum: minimum,
            maximum: maximum,
            scaleOutCooldownSeconds: policy.configuration.scaleOutCooldownSeconds ?? 0,
            scaleInCooldownSeconds: policy.configuration.scaleInCooldownSeconds ?? 0,
            scalesOut: !suspended.scalingOut,
            scalesIn: !suspended.scalingIn && policy.configuration.disablesScaleIn != true
        )
    }
}
