internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

// How tables are described.

extension JSONWriter {
    mutating func tableDescription(_ table: TableDescription, _ service: Service) {
        beginObject()
        name("AttributeDefinitions")
        array(table.attributeDefinitions) { writer, definition in
            writer.beginObject()
            writer.member("AttributeName", definition.name)
            writer.member("AttributeType", definition.type.rawValue)
            writer.endObject()
        }
        member("TableName", table.tableName)
        keySchema(table.keySchema)
        member("TableStatus", table.status.rawValue)
        name("CreationDateTime")
        date(milliseconds: table.creationMilliseconds)
        name("ProvisionedThroughput")
        throughput(
            table.provisionedThroughput,
            lastIncrease: table.lastIncreaseMilliseconds,
            lastDecrease: table.lastDecreaseMilliseconds,
            decreasesToday: table.decreasesToday
        )
        member("TableSizeBytes", table.sizeBytes)
        member("ItemCount", table.itemCount)
        let resourceName = service.resourceName(ofTable: table.tableName)
        member("TableArn", resourceName)
        member("TableId", table.tableID)
        billing(table)
        indexes("LocalSecondaryIndexes", table.localSecondaryIndexes) { writer, index in
            writer.index(index, resourceName)
        }
        indexes("GlobalSecondaryIndexes", table.globalSecondaryIndexes) { writer, index in
            writer.index(index, resourceName)
            writer.member("IndexStatus", index.status.rawValue)
            if index.isBackfilling {
                writer.name("Backfilling")
                writer.bool(true)
            }
            writer.name("ProvisionedThroughput")
            writer.throughput(
                index.provisionedThroughput,
                lastIncrease: index.lastIncreaseMilliseconds,
                lastDecrease: index.lastDecreaseMilliseconds,
                decreasesToday: index.decreasesToday
            )
            writer.onDemandThroughput(index.onDemandThroughput)
            writer.warmThroughput(index.warmThroughput)
        }
        options(table, service)
        endObject()
    }

    private mutating func billing(_ table: TableDescription) {
        guard table.billingMode == .payPerRequest || table.payPerRequestSinceMilliseconds != nil
        else { return }
        name("BillingModeSummary")
        beginObject()
        member("BillingMode", table.billingMode.rawValue)
        if let since = table.payPerRequestSinceMilliseconds {
            name("LastUpdateToPayPerRequestDateTime")
            date(milliseconds: since)
        }
        endObject()
    }

    private mutating func options(_ table: TableDescription, _ service: Service) {
        streamSpecification(table.stream, as: "StreamSpecification")
        if let created = table.streamMilliseconds {
            member("LatestStreamLabel", StreamLabel.text(milliseconds: created))
            let stream = StreamIdentity(tableName: table.tableName, createdMilliseconds: created)
            member("LatestStreamArn", service.resourceName(of: stream))
        }
        if let tableClass = table.tableClass {
            name("TableClassSummary")
            beginObject()
            member("TableClass", tableClass.rawValue)
            endObject()
        }
        encryption(table.encryption, service)
        onDemandThroughput(table.onDemandThroughput)
        warmThroughput(table.warmThroughput)
        name("DeletionProtectionEnabled")
        bool(table.deletionProtection)
        restoreSummary(table.restore, service)
    }

    mutating func streamSpecification(_ stream: StreamSpecification?, as member: String) {
        guard let stream else { return }
        name(member)
        beginObject()
        name("StreamEnabled")
        bool(stream.isEnabled)
        if let viewType = stream.viewType { self.member("StreamViewType", viewType.rawValue) }
        endObject()
    }

    mutating func keySchema(_ schema: [KeySchemaElement]) {
        name("KeySchema")
        array(schema) { writer, element in
            writer.beginObject()
            writer.member("AttributeName", element.attributeName)
            writer.member("KeyType", element.role.rawValue)
            writer.endObject()
        }
    }

    private mutating func indexes(
        _ member: String,
        _ indexes: [IndexDescription],
        _ write: (inout JSONWriter, IndexDescription) -> Void
    ) {
        guard !indexes.isEmpty else { return }
        name(member)
        array(indexes) { writer, index in
            writer.beginObject()
            write(&writer, index)
            writer.endObject()
        }
    }

    private mutating func index(_ index: IndexDescription, _ tableResourceName: String) {
        indexShape(index)
        member("IndexSizeBytes", index.sizeBytes)
        member("ItemCount", index.itemCount)
        member("IndexArn", tableResourceName + "/index/" + index.indexName)
    }

    /// What an index is like: its name, keys and projection.
    mutating func indexShape(_ index: IndexDescription) {
        member("IndexName", index.indexName)
        keySchema(index.keySchema)
        name("Projection")
        beginObject()
        member("ProjectionType", index.projection.kind.rawValue)
        if let names = index.projection.nonKeyAttributes {
            name("NonKeyAttributes")
            array(names) { writer, name in writer.string(name) }
        }
        endObject()
    }

    private mutating func throughput(
        _ throughput: ProvisionedThroughput,
        lastIncrease: Int64?,
        lastDecrease: Int64?,
        decreasesToday: Int
    ) {
        beginObject()
        if let lastIncrease {
            name("LastIncreaseDateTime")
            date(milliseconds: lastIncrease)
        }
        if let lastDecrease {
            name("LastDecreaseDateTime")
            date(milliseconds: lastDecrease)
        }
        member("NumberOfDecreasesToday", decreasesToday)
        member("ReadCapacityUnits", throughput.readCapacityUnits)
        member("WriteCapacityUnits", throughput.writeCapacityUnits)
        endObject()
    }

    /// Seconds since 1970 with three digits behind the point.
    mutating func date(milliseconds: Int64) {
        double(Double(milliseconds) / 1_000)
    }
}
