/// The capacity of one table and its global indexes: who is admitted, and what is charged.
///
/// Local indexes draw on the table. A request is **admitted** by what it draws from, and takes the least that it can cost with it, so
/// that many at once do not all pass through the same gap; what it costs is known when it is done, and **charged** then.
/// What is refused took nothing.
///
/// A pure value: `now` is an argument.
public struct TableCapacity: Sendable, Equatable {
    /// What bounds reads and writes of a table or an index.
    public struct Limits: Sendable, Equatable {
        /// Of reads.
        public var reads: FlowLimits
        /// Of writes.
        public var writes: FlowLimits

        /// Puts both together.
        public init(reads: FlowLimits = FlowLimits(), writes: FlowLimits = FlowLimits()) {
            self.reads = reads
            self.writes = writes
        }

        /// Whether nothing is bounded.
        public var isUnlimited: Bool { reads.isUnlimited && writes.isUnlimited }
    }

    /// What is drawn from.
    public enum Resource: Sendable, Hashable {
        /// The table, and its local indexes.
        case table
        /// A global index, by its name.
        case index(String)
    }

    /// Whether it is read or written; the raw value is the service's word.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
        /// Reads.
        case read = "Read"
        /// Writes.
        case write = "Write"
    }

    /// Why a request is refused.
    public struct Refusal: Sendable, Equatable {
        /// What is used up.
        public var resource: Resource
        /// Whether it was to be read or written.
        public var direction: Direction
        /// Which bound says so.
        public var kind: LimitKind

        /// The service's name of the reason, as "TableReadProvisionedThroughputExceeded".
        public var reason: String {
            (resource == .table ? "Table" : "Index") + direction.rawValue + kind.rawValue
        }
    }

    private struct Flows: Equatable {
        var reads: Flow
        var writes: Flow
    }

    private var flows: [Resource: Flows] = [:]

    /// A table of which nothing was taken; resources without limits need not be named.
    public init(_ limits: [Resource: Limits], at now: UInt64) { change(to: limits, at: now) }

    /// Admits a request to one of the things that it draws from, and takes `least` of it.
    /// - Returns: Why it is refused; nil admits it.
    public mutating func admit(
        _ direction: Direction,
        _ resource: Resource,
        in range: KeyRange?,
        least: CapacityUnits,
        at now: UInt64
    ) -> Refusal? {
        withFlow(direction, resource) { flow -> Refusal? in
            if let kind = flow.refusal(in: range, at: now) {
                return Refusal(resource: resource, direction: direction, kind: kind)
            }
            flow.take(least, in: range, at: now)
            return nil
        } ?? nil
    }

    /// Takes what a request cost beyond what it took when it was admitted, or gives back.
    public mutating func take(
        _ units: CapacityUnits,
        _ direction: Direction,
        _ resource: Resource,
        in range: KeyRange?,
        at now: UInt64
    ) {
        withFlow(direction, resource) { $0.take(units, in: range, at: now) }
    }

    /// All that was taken of something since it has limits; nil where it has none.
    public func taken(_ direction: Direction, _ resource: Resource) -> CapacityUnits? {
        let flows = flows[resource]
        return direction == .read ? flows?.reads.taken : flows?.writes.taken
    }

    /// Other limits count from now on; what stays keeps what it has saved.
    public mutating func change(to limits: [Resource: Limits], at now: UInt64) {
        for resource in flows.keys where limits[resource] == nil { flows[resource] = nil }
        for (resource, limits) in limits {
            guard flows[resource] != nil else {
                flows[resource] = Flows(
                    reads: Flow(limits.reads, at: now),
                    writes: Flow(limits.writes, at: now)
                )
                continue
            }
            flows[resource]?.reads.change(to: limits.reads, at: now)
            flows[resource]?.writes.change(to: limits.writes, at: now)
        }
    }

    @discardableResult
    private mutating func withFlow<Answer>(
        _ direction: Direction,
        _ resource: Resource,
        _ body: (inout Flow) -> Answer
    ) -> Answer? {
        guard let index = flows.index(forKey: resource) else { return nil }
        switch direction {
        case .read: return body(&flows.values[index].reads)
        case .write: return body(&flows.values[index].writes)
        }
    }
}
