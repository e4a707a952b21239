internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Makes a table.
enum CreateTable: Operation {
    static let name = "CreateTable"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> CreateTableRequest {
        try decodeMembers(&reader, &constraints)
    }

    /// Reads the members; `prefix` is where they stand in the request.
    static func decodeMembers(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at prefix: String = ""
    ) throws(WireError) -> CreateTableRequest {
        var tableName: String?
        var definitions: [AttributeDefinition]?
        var keySchema: [KeySchemaElement]?
        var request = CreateTableRequest(tableName: "", attributeDefinitions: [], keySchema: [])
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": tableName = try TableName.read(&reader, &constraints)
            case "AttributeDefinitions":
                definitions = try reader.readAttributeDefinitions(&constraints)
            case "KeySchema":
                keySchema = try reader.readKeySchema(at: "keySchema", limit: 2, &constraints)
            default: try options(name, &reader, &request, &constraints)
            }
        }
        // Alone among the members it is told behind all constraints, in other words.
        if !prefix.isEmpty { constraints.require(tableName != nil, prefix + "tableName") }
        constraints.require(definitions != nil, prefix + "attributeDefinitions")
        constraints.require(keySchema != nil, prefix + "keySchema")
        request.tableName = try constraints.required(tableName, "TableName")
        request.attributeDefinitions = try constraints.required(
            definitions,
            "AttributeDefinitions"
        )
        request.keySchema = try constraints.required(keySchema, "KeySchema")
        return request
    }

    private static func options(
        _ name: String,
        _ reader: inout JSONReader,
        _ request: inout CreateTableRequest,
        _ constraints: inout Constraints
    ) throws(WireError) {
        switch name {
        case "LocalSecondaryIndexes":
            request.localSecondaryIndexes = try reader.readIndexes(
                named: name,
                at: "localSecondaryIndexes",
                &constraints
            )
        case "GlobalSecondaryIndexes":
            request.globalSecondaryIndexes = try reader.readIndexes(
                named: name,
                at: "globalSecondaryIndexes",
                &constraints
            )
        case "BillingMode":
            request.billingMode = try reader.readChoice(
                BillingMode.self,
                at: "billingMode",
                &constraints
            )
        case "ProvisionedThroughput":
            request.provisionedThroughput = try reader.readThroughput(
                at: "provisionedThroughput",
                &constraints
            )
        case "DeletionProtectionEnabled": request.deletionProtection = try reader.readBool()
        case "TableClass":
            request.tableClass = try reader.readChoice(
                TableClass.self,
                at: "tableClass",
                &constraints
            )
        case "StreamSpecification":
            request.stream = try reader.readStreamSpecification(&constraints)
        case "SSESpecification": request.encryption = try reader.readEncryption(&constraints)
        case "Tags": request.tags = try reader.readTags(&constraints)
        case "OnDemandThroughput":
            request.onDemandThroughput = try reader.readOnDemandThroughput()
        case "WarmThroughput": request.warmThroughput = try reader.readWarmThroughput()
        case "ResourcePolicy":
            let text = try reader.readString()
            _ = try PolicyDocument(Array(text.utf8), .resource)
            request.policy = text
        case "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode", "VectorIndexes":
            try reader.skipUnsupported(name)
        default: try reader.skipValue()
        }
    }

    static func call(
        _ request: CreateTableRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TableDescription {
        var table = try await service.database.createTable(request)
        // It can be used already; but who asks the service is told to wait, and asks again.
        table.status = .creating
        for index in table.globalSecondaryIndexes.indices {
            table.globalSecondaryIndexes[index].status = .creating
        }
        return table
    }

    static func encode(
        _ table: TableDescription,
        to request: CreateTableRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TableDescription")
        writer.tableDescription(table, service)
    }
}
