internal import ShaleExpressions
internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// The members that PutItem, UpdateItem and DeleteItem share, and their common response.
struct WriteMembers {
    var tableName: String?
    var key: Item?
    var options = WriteOptions()
    private var expected: [ExpectedAttribute]?
    private var conditionalOperator: ConditionalOperator?

    /// Reads one member; names that no write knows are skipped, as the service does.
    mutating func read(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        switch name {
        case "TableName":
            tableName = try TableName.read(
                &reader,
                &constraints,
                lengths: TableName.lengthsOfKnown
            )
        case "Key": key = try reader.readItem()
        case "ConditionExpression": options.condition = try reader.readString()
        case "ExpressionAttributeNames":
            options.attributes.names = try reader.readNames(&constraints)
        case "ExpressionAttributeValues": options.attributes.values = try reader.readValues()
        case "ReturnValues":
            options.returnValues =
                try reader.readChoice(ReturnValues.self, at: "returnValues", &constraints) ?? .none
        case "ReturnValuesOnConditionCheckFailure":
            options.returnValuesOnConditionCheckFailure =
                try reader.readChoice(
                    ReturnValuesOnConditionCheckFailure.self,
                    at: "returnValuesOnConditionCheckFailure",
                    &constraints
                ) ?? .none
        case "ReturnConsumedCapacity":
            options.returnConsumedCapacity = try reader.readReturnConsumedCapacity(&constraints)
        case "ReturnItemCollectionMetrics":
            options.returnItemCollectionMetrics =
                try reader.readReturnItemCollectionMetrics(&constraints)
        case "Expected": expected = try reader.readExpected(&constraints)
        case "ConditionalOperator":
            conditionalOperator = try reader.readConditionalOperator(&constraints)
        default: try reader.skipValue()
        }
    }

    /// Notes the absence of the table's name.
    func requireTableName(_ constraints: inout Constraints) {
        constraints.require(tableName != nil, "tableName")
    }

    /// Checks the style of the parameters, and translates those of before expressions.
    ///
    /// `update` is what UpdateItem has besides: whether there are `AttributeUpdates`, and an expression.
    mutating func translate(
        update: (legacy: Bool, expression: Bool)? = nil
    ) throws(WireError) {
        let hasLegacy = expected != nil || conditionalOperator != nil || update?.legacy == true
        let hasExpression = options.condition != nil || update?.expression == true
        let hasPlaceholders = options.attributes.names != nil || options.attributes.values != nil
        // The usual request: nothing to refuse, nothing to translate.
        if !hasLegacy, hasExpression || !hasPlaceholders { return }
        var legacy: ParameterMix.Parameters = [
            ("Expected", expected != nil), ("ConditionalOperator", conditionalOperator != nil),
        ]
        var expressions: ParameterMix.Parameters = [
            ("ConditionExpression", options.condition != nil)
        ]
        if let update {
            legacy.insert(("AttributeUpdates", update.legacy), at: 0)
            expressions.insert(("UpdateExpression", update.expression), at: 0)
        }
        let mix = ParameterMix(legacy: legacy, expressions: expressions, namesExpressions: false)
        try mix.check(options.attributes)
        options.expected = try LegacyTranslation.condition(expected, conditionalOperator)
    }

    /// Writes the members of a write's response.
    static func encode(
        _ response: WriteItemResponse,
        _ options: WriteOptions,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        if let attributes = response.attributes {
            writer.name("Attributes")
            writer.item(attributes)
        }
        if let capacity = response.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.consumedCapacity(capacity, options.returnConsumedCapacity, service)
        }
        if let metrics = response.itemCollectionMetrics {
            writer.name("ItemCollectionMetrics")
            writer.itemCollectionMetrics(metrics)
        }
    }
}
