internal import ShaleCapacity
internal import ShaleTables
internal import ShaleWire

// What a request asks and a response says of consumed capacity and of item collections.

extension JSONReader {
    mutating func readReturnConsumedCapacity(
        _ constraints: inout Constraints
    ) throws(WireError) -> ReturnConsumedCapacity {
        try readChoice(
            ReturnConsumedCapacity.self,
            at: "returnConsumedCapacity",
            &constraints
        ) ?? .none
    }

    mutating func readReturnItemCollectionMetrics(
        _ constraints: inout Constraints
    ) throws(WireError) -> ReturnItemCollectionMetrics {
        try readChoice(
            ReturnItemCollectionMetrics.self,
            at: "returnItemCollectionMetrics",
            &constraints
        ) ?? .none
    }
}

extension JSONWriter {
    /// Writes the sum, and the parts of table and indexes when asked for.
    ///
    /// Transactions say the sum once more under the name of its `kind`. The table is called as the request called
    /// it; without a service by the name in `capacity`.
    mutating func consumedCapacity(
        _ capacity: ConsumedCapacity,
        _ detail: ReturnConsumedCapacity,
        _ service: Service?,
        _ kind: CapacityKind? = nil
    ) {
        beginObject()
        name("TableName")
        string(service?.calledName(ofTable: capacity.tableName) ?? capacity.tableName)
        units(capacity.total, kind)
        if detail == .indexes {
            name("Table")
            object(capacity.table, kind)
            indexes("LocalSecondaryIndexes", capacity.localIndexes, kind)
            indexes("GlobalSecondaryIndexes", capacity.globalIndexes, kind)
        }
        endObject()
    }

    /// Writes the member with the item collections of several tables; nothing where there are none.
    mutating func itemCollectionMetrics(
        _ tables: [(tableName: String, metrics: [ItemCollectionMetrics])]
    ) {
        guard !tables.isEmpty else { return }
        name("ItemCollectionMetrics")
        beginObject()
        for table in tables {
            name(table.tableName)
            array(table.metrics) { writer, metrics in writer.itemCollectionMetrics(metrics) }
        }
        endObject()
    }

    mutating func itemCollectionMetrics(_ metrics: ItemCollectionMetrics) {
        beginObject()
        name("ItemCollectionKey")
        item(metrics.itemCollectionKey)
        name("SizeEstimateRangeGB")
        beginArray()
        double(metrics.sizeEstimateRangeGB.lowerBound)
        double(metrics.sizeEstimateRangeGB.upperBound)
        endArray()
        endObject()
    }

    private mutating func indexes(
        _ member: String,
        _ units: [String: CapacityUnits],
        _ kind: CapacityKind?
    ) {
        guard !units.isEmpty else { return }
        name(member)
        beginObject()
        for (index, value) in units.sorted(by: { $0.key < $1.key }) {
            name(index)
            object(value, kind)
        }
        endObject()
    }

    private mutating func object(_ units: CapacityUnits, _ kind: CapacityKind?) {
        beginObject()
        self.units(units, kind)
        endObject()
    }

    private mutating func units(_ units: CapacityUnits, _ kind: CapacityKind?) {
        name("CapacityUnits")
        double(units.value)
        guard let kind else { return }
        name(kind.rawValue)
        double(units.value)
    }
}

/// What the capacity of a transaction was consumed for; the raw value is the member's name.
enum CapacityKind: String {
    case read = "ReadCapacityUnits"
    case write = "WriteCapacityUnits"
}
