internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

// The structures that requests about tables are made of.

extension JSONReader {
    mutating func readAttributeDefinitions(
        _ constraints: inout Constraints
    ) throws(WireError) -> [AttributeDefinition] {
        var definitions: [AttributeDefinition] = []
        try readEach(at: "attributeDefinitions") { (reader, path) throws(WireError) in
            var attribute: String?
            var type: KeyType?
            try reader.readStructure { (reader, name) throws(WireError) in
                switch name {
                case "AttributeName":
                    attribute = try reader.readString(
                        AttributeNameLengths.inSchema,
                        at: path + ".attributeName",
                        &constraints
                    )
                case "AttributeType":
                    type = try reader.readChoice(
                        KeyType.self,
                        at: path + ".attributeType",
                        &constraints
                    )
                    if type == nil { type = .string }
                default: try reader.skipValue()
                }
            }
            constraints.require(attribute != nil, path + ".attributeName")
            constraints.require(type != nil, path + ".attributeType")
            if let attribute, let type { definitions.append(AttributeDefinition(attribute, type)) }
        }
        return definitions
    }

    /// Reads a key schema of at most `limit` elements.
    mutating func readKeySchema(
        at path: String,
        limit: Int = .max,
        _ constraints: inout Constraints
    ) throws(WireError) -> [KeySchemaElement] {
        var schema: [KeySchemaElement] = []
        let count = try readEach(at: path) { (reader, path) throws(WireError) in
            var attribute: String?
            var role: KeySchemaElement.Role?
            try reader.readStructure { (reader, name) throws(WireError) in
                switch name {
                case "AttributeName":
                    attribute = try reader.readString(
                        AttributeNameLengths.inSchema,
                        at: path + ".attributeName",
                        &constraints
                    )
                case "KeyType":
                    role = try reader.readChoice(
                        KeySchemaElement.Role.self,
                        at: path + ".keyType",
                        &constraints
                    )
                    if role == nil { role = .partition }
                default: try reader.skipValue()
                }
            }
            constraints.require(attribute != nil, path + ".attributeName")
            constraints.require(role != nil, path + ".keyType")
            if let attribute, let role { schema.append(KeySchemaElement(attribute, role)) }
        }
        // No key has more; an error need not repeat a megabyte.
        let shown = schema.prefix(16).map {
            "KeySchemaElement(attributeName=\($0.attributeName), keyType=\($0.role.rawValue))"
        }
        constraints.checkLength("[\(shown.joined(separator: ", "))]", count, 1...limit, at: path)
        return schema
    }

    mutating func readProjection(
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> IndexProjection {
        var kind: IndexProjection.Kind?
        var names: [String]?
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ProjectionType":
                kind = try reader.readChoice(
                    IndexProjection.Kind.self,
                    at: path + ".projectionType",
                    &constraints
                )
                if kind == nil { kind = .all }
            case "NonKeyAttributes":
                names = try reader.readNonKeyAttributes(
                    at: path + ".nonKeyAttributes",
                    &constraints
                )
            default: try reader.skipValue()
            }
        }
        if kind == nil {
            try refuse(
                .validation(
                    "One or more parameter values were invalid: Unknown ProjectionType: null"
                )
            )
        }
        return IndexProjection(kind ?? .all, nonKeyAttributes: names)
    }

    private mutating func readNonKeyAttributes(
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> [String] {
        var names: [String] = []
        try readEach(at: path) { (reader, path) throws(WireError) in
            names.append(
                try reader.readString(AttributeNameLengths.inSchema, at: path, &constraints)
            )
        }
        constraints.checkLength("[]", names.count, 1...20, at: path)
        return names
    }

    mutating func readIndexName(
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        let name = try readString()
        constraints.checkName(name, at: path)
        return name
    }

    mutating func readThroughput(
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> ProvisionedThroughput {
        var reads: Int?
        var writes: Int?
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ReadCapacityUnits": reads = try reader.readInteger()
            case "WriteCapacityUnits": writes = try reader.readInteger()
            default: try reader.skipValue()
            }
        }
        constraints.require(reads != nil, path + ".readCapacityUnits")
        constraints.require(writes != nil, path + ".writeCapacityUnits")
        constraints.check(reads, in: 1...Int.max, at: path + ".readCapacityUnits")
        constraints.check(writes, in: 1...Int.max, at: path + ".writeCapacityUnits")
        return ProvisionedThroughput(
            readCapacityUnits: reads ?? 1,
            writeCapacityUnits: writes ?? 1
        )
    }

    /// Reads indexes of a table; where the list has a name there must be one at least.
    mutating func readIndexes(
        named name: String? = nil,
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> [SecondaryIndexDefinition] {
        var indexes: [SecondaryIndexDefinition] = []
        try readEach(at: path) { (reader, path) throws(WireError) in
            indexes.append(try reader.readIndex(at: path, &constraints))
        }
        if let name, indexes.isEmpty {
            try refuse(
                .validation("One or more parameter values were invalid: List of \(name) is empty")
            )
        }
        return indexes
    }

    mutating func readIndex(
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> SecondaryIndexDefinition {
        var indexName: String?
        var keySchema: [KeySchemaElement]?
        var projection: IndexProjection?
        var throughput: ProvisionedThroughput?
        var onDemand: OnDemandThroughput?
        var warm: WarmThroughput?
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "IndexName":
                indexName = try reader.readIndexName(at: path + ".indexName", &constraints)
            case "KeySchema":
                keySchema = try reader.readKeySchema(at: path + ".keySchema", &constraints)
            case "Projection":
                projection = try reader.readProjection(at: path + ".projection", &constraints)
            case "ProvisionedThroughput":
                throughput = try reader.readThroughput(
                    at: path + ".provisionedThroughput",
                    &constraints
                )
            case "OnDemandThroughput": onDemand = try reader.readOnDemandThroughput()
            case "WarmThroughput": warm = try reader.readWarmThroughput()
            default: try reader.skipValue()
            }
        }
        constraints.require(indexName != nil, path + ".indexName")
        constraints.require(keySchema != nil, path + ".keySchema")
        constraints.require(projection != nil, path + ".projection")
        var index = SecondaryIndexDefinition(
            indexName ?? "",
            keySchema: keySchema ?? [],
            projection: projection,
            provisionedThroughput: throughput
        )
        index.onDemandThroughput = onDemand
        index.warmThroughput = warm
        return index
    }

    mutating func readStreamSpecification(
        _ constraints: inout Constraints
    ) throws(WireError) -> StreamSpecification {
        var isEnabled: Bool?
        var viewType: StreamSpecification.ViewType?
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "StreamEnabled": isEnabled = try reader.readBool()
            case "StreamViewType":
                viewType = try reader.readChoice(
                    StreamSpecification.ViewType.self,
                    at: "streamSpecification.streamViewType",
                    &constraints
                )
            default: try reader.skipValue()
            }
        }
        constraints.require(isEnabled != nil, "streamSpecification.streamEnabled")
        return StreamSpecification(isEnabled: isEnabled ?? false, viewType: viewType)
    }

    /// Steps over a parameter that may not be given, because what it asks for is not supported.
    mutating func skipUnsupported(_ feature: String) throws(WireError) {
        try refuse(unsupported(feature))
        try skipValue()
    }

    private func unsupported(_ feature: String) -> WireError {
        .validation("The parameter '\(feature)' is not supported by this server.")
    }

    /// Reads a list whose elements have places in error messages, counted from 1; gives their count.
    @discardableResult
    mutating func readEach(
        at path: String,
        _ element: (inout JSONReader, String) throws(WireError) -> Void
    ) throws(WireError) -> Int {
        var place = 0
        _ = try readList { reader throws(WireError) in
            place += 1
            try element(&reader, "\(path).\(place).member")
        }
        return place
    }
}
