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
    mutating func consumedCapacity(
        _ capacity: ConsumedCapacity,
        _ detail: ReturnConsumedCapacity
    ) {
        beginObject()
        name("TableName")
        string(capacity.tableName)
        name("CapacityUnits")
        double(capacity.total.value)
        if detail == .indexes {
            name("Table")
            units(capacity.table)
            indexes("LocalSecondaryIndexes", capacity.localIndexes)
            indexes("GlobalSecondaryIndexes", capacity.globalIndexes)
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

    private mutating func indexes(_ member: String, _ units: [String: CapacityUnits]) {
        guard !units.isEmpty else { return }
        name(member)
        beginObject()
        for (index, value) in units.sorted(by: { $0.key < $1.key }) {
            name(index)
            self.units(value)
        }
        endObject()
    }

    private mutating func units(_ units: CapacityUnits) {
        beginObject()
        name("CapacityUnits")
        double(units.value)
        endObject()
    }
}
