internal import ShaleExpressions
internal import ShaleTables
internal import ShaleWire

/// The members that Query and Scan share, and their common response.
struct PageMembers {
    private static let limits = 1...Int(Int32.max)

    var tableName: String?
    var options = PageOptions()
    private var attributesToGet: [String]?
    private var filter: [LegacyEntry]?
    private var conditionalOperator: ConditionalOperator?

    /// Reads one member; names that neither operation knows are skipped, as the service does.
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
        case "IndexName":
            options.indexName = try reader.readIndexName(at: "indexName", &constraints)
        case "FilterExpression": options.filter = try reader.readString()
        case "ProjectionExpression": options.projection = try reader.readString()
        case "ExpressionAttributeNames":
            options.attributes.names = try reader.readNames(&constraints)
        case "ExpressionAttributeValues": options.attributes.values = try reader.readValues()
        case "Select":
            options.select = try reader.readChoice(Select.self, at: "select", &constraints)
        case "Limit":
            options.limit = try reader.readInteger()
            constraints.check(options.limit, in: Self.limits, at: "limit")
        case "ExclusiveStartKey": options.exclusiveStartKey = try reader.readItem()
        case "ConsistentRead": options.consistentRead = try reader.readBool()
        case "ReturnConsumedCapacity":
            options.returnConsumedCapacity = try reader.readReturnConsumedCapacity(&constraints)
        case "AttributesToGet":
            attributesToGet = try reader.readAttributesToGet(&constraints)
        case "ConditionalOperator":
            conditionalOperator = try reader.readConditionalOperator(&constraints)
        default: try reader.skipValue()
        }
    }

    /// Reads the filter of before expressions, whose name each operation has for itself.
    mutating func readFilter(
        at path: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) {
        filter = try reader.readConditions(at: path, &constraints)
    }

    /// Checks the style of the parameters, and translates those of before expressions.
    ///
    /// `keys` is what Query has besides: whether there are `KeyConditions`, and an expression.
    mutating func translate(
        filterNamed filterName: String,
        keys: (legacy: Bool, expression: Bool)? = nil
    ) throws(WireError) {
        var legacy: ParameterMix.Parameters = [
            ("AttributesToGet", attributesToGet != nil), (filterName, filter != nil),
            ("ConditionalOperator", conditionalOperator != nil),
        ]
        var expressions: ParameterMix.Parameters = [
            ("ProjectionExpression", options.projection != nil),
            ("FilterExpression", options.filter != nil),
        ]
        if let keys {
            // Only beside another form of themselves: otherwise they go with any expression.
            legacy.append(("KeyConditions", keys.legacy && keys.expression))
            expressions.append(("KeyConditionExpression", keys.expression))
        }
        try ParameterMix(legacy: legacy, expressions: expressions).check(options.attributes)
        options.legacyFilter = try LegacyTranslation.filter(filter, conditionalOperator)
        options.attributesToGet = try LegacyTranslation.projection(attributesToGet)
    }

    /// The table's name, once everything else that is wrong was noted.
    func finish(_ constraints: inout Constraints) throws(WireError) -> String {
        constraints.require(tableName != nil, "tableName")
        return try constraints.required(tableName, "TableName")
    }

    /// Writes the members of a page.
    ///
    /// A count has no list of items.
    static func encode(
        _ page: PageResponse,
        _ options: PageOptions,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        if options.select != .count {
            writer.name("Items")
            if let encoded = page.encodedItems {
                writer.array(finished: encoded)
            } else {
                writer.array(page.items) { writer, item in writer.item(item) }
            }
        }
        writer.name("Count")
        writer.integer(page.count)
        writer.name("ScannedCount")
        writer.integer(page.scannedCount)
        if let key = page.lastEvaluatedKey {
            writer.name("LastEvaluatedKey")
            writer.item(key)
        }
        if let capacity = page.consumedCapacity {
            writer.name("ConsumedCapacity")
            writer.consumedCapacity(capacity, options.returnConsumedCapacity, service)
        }
    }
}
