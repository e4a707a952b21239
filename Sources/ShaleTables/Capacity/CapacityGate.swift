internal import ShaleCapacity
internal import ShaleEngine
internal import ShalePlatform
internal import Synchronization

/// Where requests to one table are admitted, and where they are charged (`TableCapacity`).
///
/// One for the life of a table, so that what was saved survives changes of its definition. A version of the table (`TableVersion`)
/// names it only where the table has limits: without them a request looks at one field.
final class CapacityGate: Sendable {
    private let name: String
    private let mode: CapacityMode
    private let time: any TimeSource
    private struct State {
        var capacity: TableCapacity
        /// How refusals are worded.
        var billing: BillingMode
        /// What was refused of the table and of each global index since the database was opened.
        var refused: [TableCapacity.Resource: RefusalCount] = [:]
    }
    private let state: Mutex<State>

    init(_ table: TableDefinition, _ mode: CapacityMode, _ time: any TimeSource) {
        name = table.name
        self.mode = mode
        self.time = time
        let capacity = TableCapacity(table.limits(mode), at: time.monotonicNanoseconds)
        state = Mutex(State(capacity: capacity, billing: table.billing.mode))
    }

    /// Whether a version of the table has limits.
    func limits(_ table: TableDefinition) -> Bool { !table.limits(mode).isEmpty }

    /// The limits of a new definition count from now on.
    func change(to table: TableDefinition) {
        let now = time.monotonicNanoseconds
        state.withLock { state in
            state.capacity.change(to: table.limits(mode), at: now)
            state.billing = table.billing.mode
            let names = Set(table.globalIndexes.map(\.name))
            state.refused = state.refused.filter { resource, _ in
                if case .index(let name) = resource { names.contains(name) } else { true }
            }
        }
    }

    /// How much was refused of the table, or of a global index.
    func refused(_ resource: TableCapacity.Resource) -> RefusalCount {
        state.withLock { $0.refused[resource] ?? RefusalCount() }
    }

    /// Admits a request, which takes the least that it can cost.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled`.
    func admit(
        _ direction: TableCapacity.Direction,
        _ resource: TableCapacity.Resource = .table,
        in range: KeyRange?,
        least: CapacityUnits
    ) throws(DatabaseError) {
        let now = time.monotonicNanoseconds
        let (refusal, billing) = state.withLock { state in
            let refusal = state.capacity.admit(
                direction,
                resource,
                in: range,
                least: least,
                at: now
            )
            if let refusal {
                state.refused[refusal.resource, default: RefusalCount()].add(direction)
            }
            return (refusal, state.billing)
        }
        if let refusal { throw DatabaseError(refusal, of: name, billing) }
    }

    /// Charges what a request cost, of which it took `least` when it was admitted to `resource`.
    func charge(
        _ direction: TableCapacity.Direction,
        _ consumed: ConsumedCapacity,
        _ resource: TableCapacity.Resource = .table,
        in range: KeyRange?,
        indexRanges: [String: KeyRange] = [:],
        least: CapacityUnits
    ) {
        let now = time.monotonicNanoseconds
        state.withLock { state in
            let table = consumed.table + consumed.localIndexes.values.reduce(.zero, +)
            state.capacity.take(table, direction, .table, in: range, at: now)
            for (index, units) in consumed.globalIndexes {
                state.capacity.take(
                    units,
                    direction,
                    .index(index),
                    in: resource == .index(index) ? range : indexRanges[index],
                    at: now
                )
            }
            state.capacity.take(.zero - least, direction, resource, in: range, at: now)
        }
    }

    /// Takes from the table what a request needed beyond what it took when it was admitted; gives back less than nothing.
    func take(_ direction: TableCapacity.Direction, _ units: CapacityUnits, in range: KeyRange?) {
        guard units != .zero else { return }
        let now = time.monotonicNanoseconds
        state.withLock { $0.capacity.take(units, direction, .table, in: range, at: now) }
    }

    /// All that was taken of the table or an index since it has limits.
    func taken(
        _ direction: TableCapacity.Direction,
        _ resource: TableCapacity.Resource
    ) -> CapacityUnits? {
        state.withLock { $0.capacity.taken(direction, resource) }
    }
}

/// How many reads and writes had no capacity: of a batch or transaction each item, of a query or scan each page.
package struct RefusalCount: Sendable, Equatable {
    /// Reads.
    package var reads = 0
    /// Writes.
    package var writes = 0

    mutating func add(_ direction: TableCapacity.Direction) {
        switch direction {
        case .read: reads += 1
        case .write: writes += 1
        }
    }
}

extension EntryKey {
    /// The key range that it is in.
    var range: KeyRange { KeyRange(partitionHash: partitionHash) }
}

/// Makes the gates of a database's tables, and what counts their use.
struct CapacityGates: Sendable {
    let mode: CapacityMode
    let metersUsage: Bool
    let time: any TimeSource

    init(_ options: DatabaseOptions, _ time: any TimeSource) {
        mode = options.capacity
        metersUsage = options.metersUsage
        self.time = time
    }

    /// The gate of a table; nil where nothing is ever limited.
    func gate(_ table: TableDefinition) -> CapacityGate? {
        mode == .unlimited ? nil : CapacityGate(table, mode, time)
    }

    /// Counters for a table; nil where nobody asks.
    func usage() -> UsageCounters? { metersUsage ? UsageCounters() : nil }
}
