internal import ShaleEngine
internal import ShaleExpressions
internal import ShaleItems

/// What the database knows of one table: a value, made by `createTable`, changed by `updateTable`,
/// and remembered in the catalog.
///
/// Invariant: it has passed `SchemaRules`; every key attribute of the table and of its indexes is in
/// `attributeDefinitions`. Local indexes come before global ones, each in order of creation.
struct TableDefinition: Sendable, Equatable {
    var name: String
    var id: String
    var creationMilliseconds: Int64
    var attributeDefinitions: [AttributeDefinition]
    var key: KeySchema
    /// Where the items are.
    var engineTable: EngineTable
    var indexes: [IndexDefinition]
    var billing: Billing
    var deletionProtection: Bool
    var tableClass: TableClass?
    var stream: StreamSpecification?
    /// When its newest stream was made: milliseconds since 1970-01-01 UTC; nil if it never had one.
    var streamMilliseconds: Int64?
    /// When its items expire, if they do.
    var timeToLive: ExpiryDefinition?
    /// What its administrators set.
    var settings = TableSettings()
    /// Where it was restored from.
    var origin: TableOrigin?
    /// How much of its past is kept, if it is.
    var recovery: RecoveryDefinition?

    /// Whether items are still being copied into it, and nobody may use it.
    var isBeingMade: Bool { origin?.isInProgress == true }

    /// The engine's tables of its items and indexes.
    var engineTables: [TableID] { [engineTable.id] + indexes.map(\.engineTable.id) }

    var localIndexes: [IndexDefinition] { indexes.filter { $0.scope == .local } }
    var globalIndexes: [IndexDefinition] { indexes.filter { $0.scope == .global } }

    func index(named name: String) -> IndexDefinition? {
        indexes.first { TextOrder.areEqual($0.name, name) }
    }

    /// Whether an attribute belongs to the primary key.
    func isKey(_ name: String) -> Bool {
        if TextOrder.areEqual(key.partition.name, name) { return true }
        return key.sort.map { TextOrder.areEqual($0.name, name) } ?? false
    }
}

/// One secondary index of a table.
///
/// Keys are lists, for the composite keys that the format allows.
struct IndexDefinition: Sendable, Equatable {
    enum Scope: String, Sendable {
        case local, global
    }

    var name: String
    var scope: Scope
    var partition: [KeySchema.Attribute]
    var sort: [KeySchema.Attribute]
    var projection: IndexProjection
    var throughput: ProvisionedThroughput
    /// When that was changed.
    var changes = ThroughputChanges()
    /// Where the index entries are.
    var engineTable: EngineTable
    /// Whether items from before the index was made may still be missing.
    var isBackfilling: Bool
    /// Whether writers only take entries out: as long as others write that do not know the index, and would
    /// leave behind what is put in.
    ///
    /// Never on disk: at an open all writers know all indexes.
    var onlyRemoves = false
    /// The most that an index of a table paid by request may take.
    var onDemand: OnDemandThroughput?
    /// What the index was asked to be ready for.
    var warm: WarmThroughput?

    var attributes: [KeySchema.Attribute] { partition + sort }

    var keyElements: [KeySchemaElement] {
        partition.map { KeySchemaElement($0.name, .partition) }
            + sort.map { KeySchemaElement($0.name, .sort) }
    }

    /// Whether the index holds an attribute; `table` is the table's key.
    func holds(_ name: String, _ table: KeySchema) -> Bool {
        projection.kind == .all
            || heldNames(table).contains { TextOrder.areEqual($0, name) }
    }

    /// What an index that does not hold everything holds of an item.
    func held(_ table: KeySchema) -> Projection { Projection(attributes: heldNames(table)) }

    private func heldNames(_ table: KeySchema) -> [String] {
        (projection.nonKeyAttributes ?? []) + attributes.map(\.name)
            + table.attributes.map(\.name)
    }
}

/// How a table is paid for, and since when.
struct Billing: Sendable, Equatable {
    var mode: BillingMode
    var throughput: ProvisionedThroughput
    var payPerRequestSinceMilliseconds: Int64?
    /// When the throughput was changed.
    var changes = ThroughputChanges()
    var switches = BillingSwitches()
}

extension ProvisionedThroughput {
    static let none = ProvisionedThroughput(readCapacityUnits: 0, writeCapacityUnits: 0)
}

/// How much a table or index holds, as far as it was counted.
struct Tally: Sendable, Equatable {
    var items = 0
    var bytes = 0

    /// Takes one change together with another: a change may be less than nothing.
    mutating func combine(with other: Tally) {
        items += other.items
        bytes += other.bytes
    }

    /// Changes what a table holds, which is nothing at least.
    static func += (left: inout Tally, right: Tally) {
        left.items = max(0, left.items + right.items)
        left.bytes = max(0, left.bytes + right.bytes)
    }
}

extension TableDefinition {
    /// The table as its users see it; `tallies` are those of the table and then of `indexes`.
    ///
    /// An active table of which an index is being filled shows as being updated.
    func description(
        _ status: ResourceStatus,
        _ tallies: [Tally],
        at now: Int64
    ) -> TableDescription {
        func describe(_ scope: IndexDefinition.Scope) -> [IndexDescription] {
            zip(indexes, tallies.dropFirst()).filter { $0.0.scope == scope }.map { index, tally in
                IndexDescription(
                    indexName: index.name,
                    keySchema: index.keyElements,
                    projection: index.projection,
                    status: index.isBackfilling ? .creating : .active,
                    isBackfilling: index.isBackfilling,
                    provisionedThroughput: index.throughput,
                    lastIncreaseMilliseconds: index.changes.lastIncreaseMilliseconds,
                    lastDecreaseMilliseconds: index.changes.lastDecreaseMilliseconds,
                    decreasesToday: index.changes.decreasesToday(at: now),
                    sizeBytes: tally.bytes,
                    itemCount: tally.items,
                    onDemandThroughput: index.onDemand,
                    warmThroughput: WarmThroughput.base(billing.mode, index.throughput)
                        .raised(to: index.warm ?? WarmThroughput())
                )
            }
        }
        return TableDescription(
            tableName: name,
            tableID: id,
            status: status == .active && indexes.contains(where: \.isBackfilling)
                ? .updating : status,
            creationMilliseconds: creationMilliseconds,
            attributeDefinitions: attributeDefinitions,
            keySchema: key.elements,
            localSecondaryIndexes: describe(.local),
            globalSecondaryIndexes: describe(.global),
            billingMode: billing.mode,
            payPerRequestSinceMilliseconds: billing.payPerRequestSinceMilliseconds,
            provisionedThroughput: billing.throughput,
            lastIncreaseMilliseconds: billing.changes.lastIncreaseMilliseconds,
            lastDecreaseMilliseconds: billing.changes.lastDecreaseMilliseconds,
            decreasesToday: billing.changes.decreasesToday(at: now),
            deletionProtection: deletionProtection,
            tableClass: tableClass,
            stream: stream,
            streamMilliseconds: streamMilliseconds,
            sizeBytes: tallies.first?.bytes ?? 0,
            itemCount: tallies.first?.items ?? 0,
            encryption: settings.encryption,
            onDemandThroughput: settings.onDemand,
            warmThroughput: WarmThroughput.base(billing.mode, billing.throughput)
                .raised(to: settings.warm ?? WarmThroughput()),
            restore: origin?.summary
        )
    }
}

extension KeySchema {
    var elements: [KeySchemaElement] {
        [KeySchemaElement(partition.name, .partition)]
            + (sort.map { [KeySchemaElement($0.name, .sort)] } ?? [])
    }
}
