internal import ShaleEngine
internal import ShaleItems

/// What a restored table is like: its source's keys, indexes and capacity, changed as the request says.
///
/// Pure. Tags, expiry, streams, policies and the past are not restored, nor is protection against deletion. Index
/// definitions keep the engine tables of their source, in whose places new ones are to be put.
struct RestoreRules {
    let source: TableDefinition
    let overrides: RestoreOverrides
    let now: Int64

    func definition(named name: String, id: String) throws(DatabaseError) -> TableDefinition {
        var table = source
        table.name = name
        table.id = id
        table.creationMilliseconds = now
        table.deletionProtection = false
        table.stream = nil
        table.streamMilliseconds = nil
        table.timeToLive = nil
        table.recovery = nil
        table.settings = TableSettings()
        table.settings.encryption = overrides.encryption ?? source.settings.encryption
        table.billing = try billing()
        let mode = table.billing.mode
        table.settings.onDemand = try SettingsRules.onDemand(
            overrides.onDemandThroughput,
            on: source.settings.onDemand,
            mode
        )
        table.indexes =
            try chosen(overrides.localIndexes, of: source.localIndexes, mode)
            + chosen(overrides.globalIndexes, of: source.globalIndexes, mode)
        let used = table.key.attributes + table.indexes.flatMap(\.attributes)
        table.attributeDefinitions = source.attributeDefinitions.filter { used.contains($0) }
        return table
    }

    private func billing() throws(DatabaseError) -> Billing {
        let mode = overrides.billingMode ?? source.billing.mode
        let isKept = mode == .provisioned && source.billing.mode == .provisioned
        let throughput =
            overrides.provisionedThroughput ?? (isKept ? source.billing.throughput : nil)
        try SchemaRules.checkThroughput(throughput, mode)
        return Billing(
            mode: mode,
            throughput: throughput ?? .none,
            payPerRequestSinceMilliseconds: mode == .payPerRequest ? now : nil
        )
    }

    /// Those indexes that are asked for, which must be some of the source's.
    private func chosen(
        _ asked: [SecondaryIndexDefinition]?,
        of indexes: [IndexDefinition],
        _ mode: BillingMode
    ) throws(DatabaseError) -> [IndexDefinition] {
        if let asked {
            for (position, index) in asked.enumerated() {
                let isKnown = indexes.contains { $0.isAsked(index) }
                guard isKnown else {
                    throw .invalidParameters(
                        "The index \(index.indexName) is not one of the source's with the same key "
                            + "schema and projection"
                    )
                }
                guard
                    !asked[..<position].contains(where: {
                        TextOrder.areEqual($0.indexName, index.indexName)
                    })
                else {
                    throw .invalidParameters("Duplicate index name: \(index.indexName)")
                }
            }
        }
        var chosen: [IndexDefinition] = []
        for index in indexes {
            let request = asked?.first { TextOrder.areEqual($0.indexName, index.name) }
            guard asked == nil || request != nil else { continue }
            chosen.append(try restored(index, request, mode))
        }
        return chosen
    }

    private func restored(
        _ index: IndexDefinition,
        _ request: SecondaryIndexDefinition?,
        _ mode: BillingMode
    ) throws(DatabaseError) -> IndexDefinition {
        var index = index
        index.isBackfilling = false
        index.onlyRemoves = false
        index.changes = ThroughputChanges()
        index.warm = nil
        guard index.scope == .global else { return index }
        index.onDemand = try SettingsRules.onDemand(
            request?.onDemandThroughput,
            on: index.onDemand,
            mode
        )
        guard mode == .provisioned else {
            guard request?.provisionedThroughput == nil else {
                throw .invalidParameters(
                    "ProvisionedThroughput should not be specified for index: \(index.name) when "
                        + "BillingMode is PAY_PER_REQUEST"
                )
            }
            index.throughput = .none
            return index
        }
        if let throughput = request?.provisionedThroughput {
            try SchemaRules.checkUnits(throughput, "globalSecondaryIndexOverride")
            index.throughput = throughput
        }
        guard index.throughput != .none else {
            throw .invalidParameters(
                "ProvisionedThroughput must be specified for index: \(index.name)"
            )
        }
        return index
    }
}

extension IndexDefinition {
    /// Whether a request names this index and describes it as it is.
    fileprivate func isAsked(_ index: SecondaryIndexDefinition) -> Bool {
        guard TextOrder.areEqual(name, index.indexName),
            keyElements == index.keySchema,
            projection.kind == (index.projection ?? projection).kind
        else { return false }
        let names = Set((projection.nonKeyAttributes ?? []).map { Array($0.utf8) })
        let asked = Set((index.projection?.nonKeyAttributes ?? []).map { Array($0.utf8) })
        return index.projection == nil || names == asked
    }
}
