/// What bounds a flow: the reads, or the writes, of one table or global index.
///
/// Nil bounds nothing.
public struct FlowLimits: Sendable, Equatable {
    /// Units a second that it is provisioned with; what is not used is kept for 300 s.
    public var provisioned: Int?
    /// The most units a second that a table paid by request may take.
    public var maximum: Int?
    /// Units a second with which a table paid by request begins to grow.
    public var rampStart: Int?
    /// Units a second of one key range.
    public var perKeyRange: Int?

    /// Puts bounds together; none unless stated.
    public init(
        provisioned: Int? = nil,
        maximum: Int? = nil,
        rampStart: Int? = nil,
        perKeyRange: Int? = nil
    ) {
        self.provisioned = provisioned
        self.maximum = maximum
        self.rampStart = rampStart
        self.perKeyRange = perKeyRange
    }

    /// Whether nothing is bounded.
    public var isUnlimited: Bool { self == FlowLimits() }
}

/// Which bound refuses a request; the raw value is the end of the service's reason.
public enum LimitKind: String, Sendable, Hashable, CaseIterable {
    /// What the table or index is provisioned with is used up.
    case provisioned = "ProvisionedThroughputExceeded"
    /// What a table or index paid by request may take at most is used up.
    case maximum = "MaxOnDemandThroughputExceeded"
    /// One key range is asked for too much, or a table paid by request grows too fast.
    case keyRange = "KeyRangeThroughputExceeded"
}
