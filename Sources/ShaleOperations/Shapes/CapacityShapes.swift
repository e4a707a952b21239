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
    mutating func consumedCapacity(_ capacity: ConsumedCapacity) {
        beginObject()
        name("TableName")
        string(capacity.tableName)
        name("CapacityUnits")
        double(capacity.capacityUnits)
        if let table = capacity.table {
            name("Table")
            units(table)
        }
        indexes("LocalSecondaryIndexes", capacity.localSecondaryIndexes)
        indexes("GlobalSecondaryIndexes", capacity.globalSecondaryIndexes)
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

    private mutating func indexes(_ member: String, _ units: [String: Double]?) {
        guard let units, !units.isEmpty else { return }
        name(member)
        beginObject()
        for (index, value) in units.sorted(by: { $0.key < $1.key }) {
            name(index)
            self.units(value)
        }
        endObject()
    }

    private mutating func units(_ value: Double) {
        beginObject()
        name("CapacityUnits")
        double(value)
        endObject()
    }
}
