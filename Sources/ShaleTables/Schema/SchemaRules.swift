internal import ShaleItems

/// The service's rules for schemas, in its order and words.
///
/// Pure: a request goes in, a `Schema` comes out or an error. The engine's tables are made after.
enum SchemaRules {
    /// The key parts of a request that obeys the rules.
    struct Schema: Sendable {
        var key: KeySchema
        var local: [Index]
        var global: [Index]
    }

    /// One index of it.
    struct Index: Sendable {
        var name: String
        var key: CompositeKey
        var projection: IndexProjection
        var throughput: ProvisionedThroughput
        var onDemand: OnDemandThroughput?
        var warm: WarmThroughput?
    }

    static func check(_ request: CreateTableRequest) throws(DatabaseError) -> Schema {
        if let stream = request.stream { try check(stream) }
        try checkName(request.tableName, "tableName", "TableName")
        let billing = request.billingMode ?? .provisioned
        try checkThroughput(request.provisionedThroughput, billing)
        let definitions = request.attributeDefinitions
        try checkDefinitions(definitions)
        guard request.keySchema.count <= max(definitions.count, 1) else {
            throw .validation("Invalid KeySchema: Some index key attribute have no definition")
        }
        let key = try checkKey(request.keySchema, definitions)
        let local = request.localSecondaryIndexes
        let global = request.globalSecondaryIndexes
        guard local.isEmpty || key.sort != nil else {
            throw .invalidParameters(
                "Table KeySchema does not have a range key, which is required when specifying a "
                    + "LocalSecondaryIndex"
            )
        }
        guard local.count <= TableLimits.localIndexes else {
            throw .invalidParameters(
                "Number of LocalSecondaryIndexes exceeds per-table limit of "
                    + "\(TableLimits.localIndexes)"
            )
        }
        guard global.count <= TableLimits.globalIndexes else {
            throw .invalidParameters(
                "GlobalSecondaryIndex count exceeds the per-table limit of "
                    + "\(TableLimits.globalIndexes)"
            )
        }
        var schema = Schema(key: key, local: [], global: [])
        for index in local { schema.local.append(try checkLocal(index, key, definitions)) }
        for index in global { schema.global.append(try checkGlobal(index, definitions, billing)) }
        try checkIndexes(schema.local + schema.global)
        try checkUse(definitions, schema)
        return schema
    }

    /// Checks an index that is added to a table.
    static func checkAdded(
        _ index: SecondaryIndexDefinition,
        to table: TableDefinition,
        _ definitions: [AttributeDefinition],
        _ billing: BillingMode
    ) throws(DatabaseError) -> Index {
        try checkDefinitions(definitions)
        for definition in definitions {
            let known = table.attributeDefinitions.first {
                TextOrder.areEqual($0.name, definition.name)
            }
            guard known == nil || known == definition else {
                throw .validation(
                    "Cannot redefine an attribute that is part of an existing key: "
                        + definition.name
                )
            }
        }
        guard table.globalIndexes.count < TableLimits.globalIndexes else {
            throw DatabaseError(
                .limitExceeded,
                "One or more parameter values were invalid: Number of GlobalSecondaryIndexes "
                    + "exceeds per-table limit of \(TableLimits.globalIndexes)"
            )
        }
        guard table.index(named: index.indexName) == nil else {
            throw .validation(
                "Attempting to create an index which already exists: \(index.indexName)"
            )
        }
        let added = try checkGlobal(index, definitions + table.attributeDefinitions, billing)
        try checkProjected(table.indexes.map(\.projection) + [added.projection])
        return added
    }

    // MARK: Names and throughput

    /// Checks the name of a table or index; `member` and `field` are what the service calls it.
    static func checkName(
        _ name: String,
        _ member: String,
        _ field: String
    ) throws(DatabaseError) {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed || name.isEmpty else {
            throw .validation(
                "1 validation error detected: Value '\(name)' at '\(member)' failed to satisfy "
                    + "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
            )
        }
        guard TableLimits.nameLength.contains(name.utf8.count) else {
            throw .validation(
                "\(field) must be at least 3 characters long and at most 255 characters long"
            )
        }
    }

    static func checkThroughput(
        _ throughput: ProvisionedThroughput?,
        _ billing: BillingMode
    ) throws(DatabaseError) {
        switch (billing, throughput) {
        case (.payPerRequest, .some):
            throw .invalidParameters(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                    + "BillingMode is PAY_PER_REQUEST"
            )
        case (.provisioned, nil):
            throw .invalidParameters(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode "
                    + "is PROVISIONED"
            )
        case (.provisioned, let throughput?):
            try checkUnits(throughput, "provisionedThroughput")
            try checkBounds(throughput)
        case (.payPerRequest, nil): break
        }
    }

    /// Refuses more units than the service can count.
    static func checkBounds(_ throughput: ProvisionedThroughput) throws(DatabaseError) {
        let units = [
            ("ReadCapacityUnits", throughput.readCapacityUnits),
            ("WriteCapacityUnits", throughput.writeCapacityUnits),
        ]
        for (name, value) in units where value > TableLimits.provisionedUnits {
            throw .validation("Given value \(value) for \(name) is out of bounds")
        }
    }

    static func checkUnits(
        _ throughput: ProvisionedThroughput,
        _ member: String
    ) throws(DatabaseError) {
        let units = [
            ("readCapacityUnits", throughput.readCapacityUnits),
            ("writeCapacityUnits", throughput.writeCapacityUnits),
        ]
        for (name, value) in units where value < 1 {
            throw .validation(
                "1 validation error detected: Value '\(value)' at '\(member).\(name)' failed to "
                    + "satisfy constraint: Member must have value greater than or equal to 1"
            )
        }
    }

    // MARK: Keys

    private static func checkDefinitions(
        _ definitions: [AttributeDefinition]
    ) throws(DatabaseError) {
        for (index, definition) in definitions.enumerated() {
            let size = definition.name.utf8.count
            guard size >= 1, size <= TableLimits.keyAttributeNameSizeBytes else {
                throw .validation(
                    "1 validation error detected: Value '\(definition.name)' at "
                        + "'attributeDefinitions.\(index + 1).member.attributeName' failed to "
                        + "satisfy constraint: Member must have length "
                        + (size < 1
                            ? "greater than or equal to 1"
                            : "less than or equal to \(TableLimits.keyAttributeNameSizeBytes)")
                )
            }
            guard !contains(definitions[..<index].map(\.name), definition.name) else {
                throw .invalidParameters(
                    "Duplicate AttributeName in AttributeDefinitions: \(definition.name)"
                )
            }
        }
    }

    static func checkKey(
        _ elements: [KeySchemaElement],
        _ definitions: [AttributeDefinition]
    ) throws(DatabaseError) -> KeySchema {
        guard let first = elements.first, elements.count <= 2 else {
            throw .validation(
                "1 validation error detected: Value '\(describe(elements))' at 'keySchema' failed "
                    + "to satisfy constraint: Member must have length "
                    + (elements.isEmpty
                        ? "greater than or equal to 1" : "less than or equal to 2")
            )
        }
        let attributes = try defined(elements, definitions)
        if elements.count == 2,
            TextOrder.areEqual(elements[0].attributeName, elements[1].attributeName)
        {
            throw .validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name"
            )
        }
        guard first.role == .partition else {
            throw .validation(
                "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
            )
        }
        guard elements.count == 1 || elements[1].role == .sort else {
            throw .validation(
                "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
            )
        }
        return KeySchema(
            partition: attributes[0],
            sort: attributes.count == 2 ? attributes[1] : nil
        )
    }

    /// The attributes of a key, which must all be defined.
    private static func defined(
        _ elements: [KeySchemaElement],
        _ definitions: [AttributeDefinition]
    ) throws(DatabaseError) -> [AttributeDefinition] {
        var attributes: [AttributeDefinition] = []
        for element in elements {
            let definition = definitions.first {
                TextOrder.areEqual($0.name, element.attributeName)
            }
            guard let definition else { throw undefined(elements, definitions) }
            attributes.append(definition)
        }
        return attributes
    }

    static func undefined(
        _ elements: [KeySchemaElement],
        _ definitions: [AttributeDefinition]
    ) -> DatabaseError {
        let missing = elements.map(\.attributeName).filter {
            !contains(definitions.map(\.name), $0)
        }
        return .invalidParameters(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: "
                + "\(list(missing)), AttributeDefinitions: \(list(definitions.map(\.name)))"
        )
    }

    /// Every attribute that is defined must be part of a key.
    private static func checkUse(
        _ definitions: [AttributeDefinition],
        _ schema: Schema
    ) throws(DatabaseError) {
        let keys = [CompositeKey(schema.key)] + (schema.local + schema.global).map(\.key)
        let used = keys.flatMap { $0.attributes.map(\.name) }
        guard definitions.allSatisfy({ contains(used, $0.name) }) else {
            if schema.local.isEmpty && schema.global.isEmpty {
                throw .invalidParameters(
                    "Number of attributes in KeySchema does not exactly match number of attributes "
                        + "defined in AttributeDefinitions"
                )
            }
            var distinct: [String] = []
            for name in used where !contains(distinct, name) { distinct.append(name) }
            throw .invalidParameters(
                "Some AttributeDefinitions are not used. AttributeDefinitions: "
                    + "\(list(definitions.map(\.name))), keys used: \(list(distinct))"
            )
        }
    }

    // MARK: Indexes

    private static func checkLocal(
        _ index: SecondaryIndexDefinition,
        _ table: KeySchema,
        _ definitions: [AttributeDefinition]
    ) throws(DatabaseError) -> Index {
        let key = CompositeKey(try checkKey(index.keySchema, definitions))
        let checked = try checkIndex(index, key)
        guard !checked.key.sort.isEmpty else {
            throw .invalidParameters(
                "Index KeySchema does not have a range key for index: \(index.indexName)"
            )
        }
        guard checked.key.partition == [table.partition] else {
            throw .invalidParameters(
                "Index KeySchema does not have the same leading hash key as table KeySchema for "
                    + "index: \(index.indexName). index hash key: \(checked.key.partition[0].name), "
                    + "table hash key: \(table.partition.name)"
            )
        }
        return checked
    }

    private static func checkGlobal(
        _ index: SecondaryIndexDefinition,
        _ definitions: [AttributeDefinition],
        _ billing: BillingMode
    ) throws(DatabaseError) -> Index {
        let key = try checkCompositeKey(index.keySchema, definitions)
        var checked = try checkIndex(index, key)
        switch (billing, index.provisionedThroughput) {
        case (.payPerRequest, .some):
            throw .invalidParameters(
                "ProvisionedThroughput should not be specified for index: \(index.indexName) when "
                    + "BillingMode is PAY_PER_REQUEST"
            )
        case (.provisioned, nil):
            throw .invalidParameters(
                "ProvisionedThroughput is not specified for index: \(index.indexName)"
            )
        case (.provisioned, let throughput?):
            try checkUnits(throughput, "globalSecondaryIndexes.1.member.provisionedThroughput")
            checked.throughput = throughput
        case (.payPerRequest, nil): break
        }
        checked.onDemand = try SettingsRules.onDemand(index.onDemandThroughput, on: nil, billing)
        checked.warm = try SettingsRules.warm(
            index.warmThroughput,
            over: WarmThroughput.base(billing, checked.throughput)
        )
        return checked
    }

    private static func checkIndex(
        _ index: SecondaryIndexDefinition,
        _ key: CompositeKey
    ) throws(DatabaseError) -> Index {
        try checkName(index.indexName, "indexName", "IndexName")
        return Index(
            name: index.indexName,
            key: key,
            projection: try checkProjection(index.projection),
            throughput: .none
        )
    }

    private static func checkProjection(
        _ projection: IndexProjection?
    ) throws(DatabaseError) -> IndexProjection {
        guard let projection else { throw .invalidParameters("Unknown ProjectionType: null") }
        switch (projection.kind, projection.nonKeyAttributes) {
        case (.all, .some), (.keysOnly, .some):
            throw .invalidParameters(
                "ProjectionType is \(projection.kind.rawValue), but NonKeyAttributes is specified"
            )
        case (.include, nil):
            throw .invalidParameters(
                "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
            )
        case (.include, let names?):
            guard !names.isEmpty, names.count <= TableLimits.attributesPerProjection else {
                throw .validation(
                    "1 validation error detected: Value '\(list(names))' at "
                        + "'projection.nonKeyAttributes' failed to satisfy constraint: Member must "
                        + "have length "
                        + (names.isEmpty
                            ? "greater than or equal to 1"
                            : "less than or equal to \(TableLimits.attributesPerProjection)")
                )
            }
        case (.all, nil), (.keysOnly, nil): break
        }
        return projection
    }

    private static func checkIndexes(_ indexes: [Index]) throws(DatabaseError) {
        for (position, index) in indexes.enumerated()
        where contains(indexes[..<position].map(\.name), index.name) {
            throw .invalidParameters("Duplicate index name: \(index.name)")
        }
        try checkProjected(indexes.map(\.projection))
    }

    /// All indexes of a table together may project only so many attributes besides their keys.
    private static func checkProjected(_ projections: [IndexProjection]) throws(DatabaseError) {
        let projected = projections.reduce(0) { $0 + ($1.nonKeyAttributes?.count ?? 0) }
        guard projected <= TableLimits.projectedAttributes else {
            throw .invalidParameters(
                "Number of projected attributes in all indexes exceeds per-table limit of "
                    + "\(TableLimits.projectedAttributes)"
            )
        }
    }

    // MARK: Texts

    private static func contains(_ names: [String], _ name: String) -> Bool {
        names.contains { TextOrder.areEqual($0, name) }
    }

    private static func list(_ names: [String]) -> String {
        "[\(names.joined(separator: ", "))]"
    }

    static func describe(_ elements: [KeySchemaElement]) -> String {
        list(elements.map { "\($0.attributeName) \($0.role.rawValue)" })
    }
}
