/// What one request consumed of one table and its secondary indexes.
public struct ConsumedCapacity: Sendable, Hashable {
    /// The table's name.
    public var tableName: String
    /// What the table itself consumed.
    public var table: CapacityUnits
    /// What each local secondary index consumed, by its name.
    public var localIndexes: [String: CapacityUnits]
    /// What each global secondary index consumed, by its name.
    public var globalIndexes: [String: CapacityUnits]

    /// Makes a value; nothing consumed unless stated.
    public init(
        tableName: String,
        table: CapacityUnits = .zero,
        localIndexes: [String: CapacityUnits] = [:],
        globalIndexes: [String: CapacityUnits] = [:]
    ) {
        self.tableName = tableName
        self.table = table
        self.localIndexes = localIndexes
        self.globalIndexes = globalIndexes
    }

    /// The sum over the table and all its indexes.
    public var total: CapacityUnits {
        table + localIndexes.values.reduce(.zero, +) + globalIndexes.values.reduce(.zero, +)
    }

    /// Adds what another request consumed of the same table.
    public mutating func add(_ other: ConsumedCapacity) {
        table += other.table
        localIndexes.merge(other.localIndexes, uniquingKeysWith: +)
        globalIndexes.merge(other.globalIndexes, uniquingKeysWith: +)
    }
}
