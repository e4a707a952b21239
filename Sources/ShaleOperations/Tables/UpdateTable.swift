internal import ShaleTables
internal import ShaleWire

/// Changes a table.
enum UpdateTable: Operation {
    static let name = "UpdateTable"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> UpdateTableRequest {
        var tableName: String?
        var request = UpdateTableRequest(tableName: "")
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": tableName = try TableName.read(&reader, &constraints)
            default: try change(name, &reader, &request, &constraints)
            }
        }
        constraints.require(tableName != nil, "tableName")
        request.tableName = try constraints.required(tableName, "TableName")
        return request
    }

    private static func change(
        _ name: String,
        _ reader: inout JSONReader,
        _ request: inout UpdateTableRequest,
        _ constraints: inout Constraints
    ) throws(WireError) {
        switch name {
        case "AttributeDefinitions":
            request.attributeDefinitions = try reader.readAttributeDefinitions(&constraints)
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
        case "GlobalSecondaryIndexUpdates":
            var changes: [UpdateTableRequest.IndexChange] = []
            try reader.readEach(at: "globalSecondaryIndexUpdates") {
                (reader, path) throws(WireError) in
                changes += try indexChange(&reader, path, &constraints)
            }
            request.indexChanges = changes
        case "DeletionProtectionEnabled": request.deletionProtection = try reader.readBool()
        case "TableClass":
            request.tableClass = try reader.readChoice(
                TableClass.self,
                at: "tableClass",
                &constraints
            )
        case "StreamSpecification":
            request.stream = try reader.readStreamSpecification(&constraints)
        case "SSESpecification":
            request.encryption = .some(try reader.readEncryption(&constraints))
        case "OnDemandThroughput":
            request.onDemandThroughput = try reader.readOnDemandThroughput()
        case "WarmThroughput": request.warmThroughput = try reader.readWarmThroughput()
        case "MultiRegionConsistency", "GlobalTableWitnessUpdates",
            "GlobalTableSettingsReplicationMode", "ReplicaUpdates", "VectorIndexUpdates":
            try reader.skipUnsupported(name)
        default: try reader.skipValue()
        }
    }

    /// One element of `GlobalSecondaryIndexUpdates`: exactly one creation, update or deletion.
    private static func indexChange(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> [UpdateTableRequest.IndexChange] {
        var changes: [UpdateTableRequest.IndexChange] = []
        var kinds = 0
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Create", "Update", "Delete": kinds += 1
            default: break
            }
            switch name {
            case "Create":
                let index = try reader.readIndex(at: path + ".create", &constraints)
                changes.append(.create(index))
            case "Update":
                let update = try namedIndex(&reader, path + ".update", &constraints)
                let index = update.name
                if let throughput = update.throughput {
                    changes.append(.update(name: index, throughput))
                }
                if update.onDemand != nil || update.warm != nil {
                    changes.append(.remember(name: index, update.onDemand, update.warm))
                } else if update.throughput == nil {
                    try reader.refuse(
                        .validation(
                            "One or more parameter values were invalid: "
                                + "ProvisionedThroughput must be specified for index: \(index)"
                        )
                    )
                }
            case "Delete":
                let deletion = try namedIndex(&reader, path + ".delete", &constraints)
                changes.append(.delete(name: deletion.name))
            default: try reader.skipValue()
            }
        }
        if kinds != 1 {
            try reader.refuse(
                .validation(
                    "One or more parameter values were invalid: One of "
                        + "GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                        + "GlobalSecondaryIndexUpdate.Delete must not be null"
                )
            )
        }
        return changes
    }

    private struct NamedIndex {
        var name = ""
        var throughput: ProvisionedThroughput?
        var onDemand: OnDemandThroughput?
        var warm: WarmThroughput?
    }

    private static func namedIndex(
        _ reader: inout JSONReader,
        _ path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> NamedIndex {
        var index: String?
        var named = NamedIndex()
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "IndexName":
                index = try reader.readIndexName(at: path + ".indexName", &constraints)
            case "ProvisionedThroughput":
                named.throughput = try reader.readThroughput(
                    at: path + ".provisionedThroughput",
                    &constraints
                )
            case "OnDemandThroughput": named.onDemand = try reader.readOnDemandThroughput()
            case "WarmThroughput": named.warm = try reader.readWarmThroughput()
            default: try reader.skipValue()
            }
        }
        constraints.require(index != nil, path + ".indexName")
        named.name = index ?? ""
        return named
    }

    static func call(
        _ request: UpdateTableRequest,
        _ service: Service
    ) async throws(DatabaseError) -> TableDescription {
        try await service.database.updateTable(request)
    }

    static func encode(
        _ table: TableDescription,
        to request: UpdateTableRequest,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TableDescription")
        writer.tableDescription(table, service)
    }
}
