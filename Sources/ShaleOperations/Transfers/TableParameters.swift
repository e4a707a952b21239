internal import ShaleItems
internal import ShaleTables

extension CreateTableRequest {
    /// What an import remembers of the table that was asked for, by the names of the request's members.
    var parameters: Item {
        var item: Item = [
            "TableName": .string(tableName),
            "AttributeDefinitions": .list(
                attributeDefinitions.map { definition in
                    .map([
                        "AttributeName": .string(definition.name),
                        "AttributeType": .string(definition.type.rawValue),
                    ])
                }
            ),
            "KeySchema": .keySchema(keySchema),
        ]
        item["BillingMode"] = billingMode.map { .string($0.rawValue) }
        item["ProvisionedThroughput"] = provisionedThroughput.map { .throughput($0) }
        item["OnDemandThroughput"] = onDemandThroughput.map { .throughput($0) }
        if !globalSecondaryIndexes.isEmpty {
            item["GlobalSecondaryIndexes"] = .list(globalSecondaryIndexes.map { .index($0) })
        }
        return item
    }
}

extension AttributeValue {
    fileprivate static func keySchema(_ schema: [KeySchemaElement]) -> AttributeValue {
        .list(
            schema.map { element in
                .map([
                    "AttributeName": .string(element.attributeName),
                    "KeyType": .string(element.role.rawValue),
                ])
            }
        )
    }

    fileprivate static func throughput(_ throughput: ProvisionedThroughput) -> AttributeValue {
        .map([
            "ReadCapacityUnits": AttributeValue(throughput.readCapacityUnits),
            "WriteCapacityUnits": AttributeValue(throughput.writeCapacityUnits),
        ])
    }

    fileprivate static func throughput(_ limits: OnDemandThroughput) -> AttributeValue {
        var item = Item()
        item["MaxReadRequestUnits"] = limits.maxReadRequestUnits.map { AttributeValue($0) }
        item["MaxWriteRequestUnits"] = limits.maxWriteRequestUnits.map { AttributeValue($0) }
        return .map(item)
    }

    fileprivate static func index(_ index: SecondaryIndexDefinition) -> AttributeValue {
        var item: Item = [
            "IndexName": .string(index.indexName), "KeySchema": .keySchema(index.keySchema),
        ]
        item["Projection"] = index.projection.map { projection in
            var members: Item = ["ProjectionType": .string(projection.kind.rawValue)]
            members["NonKeyAttributes"] = projection.nonKeyAttributes.map { names in
                .list(names.map { .string($0) })
            }
            return .map(members)
        }
        item["ProvisionedThroughput"] = index.provisionedThroughput.map { .throughput($0) }
        return .map(item)
    }
}
