internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

extension Database {
    /// Changes a table: billing, throughput, protection, or one of its global indexes.
    ///
    /// A new index is kept by every write from now on and filled in the background; it can be read
    /// when its status is active. A deleted one is gone when the call answers.
    /// - Throws: `.validation`, `.resourceNotFound`, `.resourceInUse`, `.limitExceeded`,
    ///   `.internalFailure`.
    public func updateTable(
        _ request: UpdateTableRequest
    ) async throws(DatabaseError) -> TableDescription {
        let live = try describedTable(request.tableName)
        try await live.beginChange()
        defer { live.endChange() }
        guard !live.isDeleted else { throw .tableNotFound(request.tableName) }
        let old = live.definition
        let update = TableUpdate(old, request, at: world.time.wallMilliseconds)
        var definition = try update.definition()
        let added = try update.addedIndex()
        do throws(EngineError) {
            if let added {
                var index = IndexDefinition(added, .global, try await engine.createTable())
                index.isBackfilling = true
                index.onlyRemoves = true
                definition.indexes.append(index)
            }
            let stream = try await switchStream(&definition, from: old)
            try await catalog.write(definition, live.tallies(of: definition), stream)
            await live.publish(definition)
            await apply(stream, to: live)
            if let last = definition.indexes.indices.last, definition.indexes[last].onlyRemoves {
                // Nobody is left who would overwrite an item and leave its entry: now entries may come.
                definition.indexes[last].onlyRemoves = false
                await live.publish(definition)
            }
            for index in old.indexes where definition.index(named: index.name) == nil {
                retiredUsage.add(live.retiredUsage(of: index))
                stopBackfill(index.engineTable.id)
                try await engine.dropTable(index.engineTable.id)
            }
        } catch {
            throw DatabaseError(error)
        }
        if added != nil, let index = definition.indexes.last { startBackfill(live, index) }
        return definition.description(.active, live.tallies(of: definition), at: update.now)
    }
}

/// What a request makes of a definition.
///
/// Pure.
struct TableUpdate {
    let old: TableDefinition
    let request: UpdateTableRequest
    let now: Int64

    init(_ old: TableDefinition, _ request: UpdateTableRequest, at now: Int64) {
        self.old = old
        self.request = request
        self.now = now
    }

    /// The definition after the change, without the index that is added.
    func definition() throws(DatabaseError) -> TableDefinition {
        try requireSomething()
        var definition = old
        definition.deletionProtection = request.deletionProtection ?? old.deletionProtection
        definition.tableClass = request.tableClass ?? old.tableClass
        definition.stream = request.stream ?? old.stream
        try requireStreamChange()
        definition.billing = try billing()
        definition.settings = try settings(definition.billing)
        for change in request.indexChanges { try apply(change, to: &definition) }
        if definition.billing.mode == .payPerRequest {
            for position in definition.indexes.indices {
                definition.indexes[position].throughput = .none
            }
        }
        try requireIndexThroughput(definition)
        addDefinitions(to: &definition)
        return definition
    }

    /// The index that is added, checked.
    func addedIndex() throws(DatabaseError) -> SchemaRules.Index? {
        for change in request.indexChanges {
            guard case .create(let index) = change else { continue }
            guard !old.indexes.contains(where: \.isBackfilling) else { throw Self.oneAtATime }
            return try SchemaRules.checkAdded(
                index,
                to: old,
                request.attributeDefinitions,
                request.billingMode ?? old.billing.mode
            )
        }
        return nil
    }

    private static let oneAtATime = DatabaseError(
        .limitExceeded,
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously "
            + "per table"
    )

    private func requireSomething() throws(DatabaseError) {
        let isEmpty =
            request.billingMode == nil && request.provisionedThroughput == nil
            && request.indexChanges.isEmpty && request.deletionProtection == nil
            && request.tableClass == nil && request.stream == nil
            && request.encryption == nil && request.onDemandThroughput == nil
            && request.warmThroughput == nil
        guard !isEmpty else {
            throw .validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                    + "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is "
                    + "required"
            )
        }
        let online = request.indexChanges.filter { change in
            switch change {
            case .create, .delete: true
            case .update, .remember: false
            }
        }
        guard online.count <= 1 else { throw Self.oneAtATime }
    }

    /// A stream is switched on where it is off, and off where it is on.
    private func requireStreamChange() throws(DatabaseError) {
        guard let stream = request.stream else { return }
        try SchemaRules.check(stream)
        let isOn = old.stream?.isEnabled == true
        if stream.isEnabled, isOn {
            throw .validation("Table already has an enabled stream: TableName: \(old.name)")
        }
        if !stream.isEnabled, !isOn {
            throw .validation("Table does not have an enabled stream: TableName: \(old.name)")
        }
    }

    private func billing() throws(DatabaseError) -> Billing {
        var billing = old.billing
        let mode = request.billingMode ?? billing.mode
        if mode == .payPerRequest || request.provisionedThroughput != nil
            || billing.mode == .payPerRequest
        {
            try SchemaRules.checkThroughput(request.provisionedThroughput, mode)
        }
        if mode == .payPerRequest {
            if billing.mode == .provisioned {
                try billing.switches.note(at: now)
                billing.payPerRequestSinceMilliseconds = now
            }
            billing.throughput = .none
        } else if let throughput = request.provisionedThroughput {
            let current = billing.throughput
            guard throughput != current else { throw Self.unchanged(current, "table") }
            try billing.changes.note(from: current, to: throughput, at: now)
            billing.throughput = throughput
        }
        billing.mode = mode
        return billing
    }

    private static func unchanged(
        _ current: ProvisionedThroughput,
        _ resource: String
    ) -> DatabaseError {
        .validation(
            "The provisioned throughput for the \(resource) will not change. The requested value equals "
                + "the current value. Current ReadCapacityUnits provisioned for the \(resource): "
                + "\(current.readCapacityUnits). Requested ReadCapacityUnits: "
                + "\(current.readCapacityUnits). Current WriteCapacityUnits provisioned for the "
                + "\(resource): \(current.writeCapacityUnits). Requested WriteCapacityUnits: "
                + "\(current.writeCapacityUnits). Refer to the Amazon DynamoDB Developer Guide "
                + "for current limits and how to request higher limits."
        )
    }

    private func apply(
        _ change: UpdateTableRequest.IndexChange,
        to definition: inout TableDefinition
    ) throws(DatabaseError) {
        if case .create = change { return }
        let name = change.indexName
        let position = definition.indexes.firstIndex {
            $0.scope == .global && TextOrder.areEqual($0.name, name)
        }
        guard let position else {
            throw DatabaseError(
                .resourceNotFound,
                "Requested resource not found: Index: \(name) not found"
            )
        }
        switch change {
        case .create: break
        case .delete: definition.indexes.remove(at: position)
        case .remember(_, let onDemand, let warm):
            try remember(
                onDemand,
                warm,
                in: &definition.indexes[position],
                definition.billing.mode
            )
        case .update(_, let throughput):
            guard definition.billing.mode == .provisioned else {
                throw .invalidParameters(
                    "ProvisionedThroughput should not be specified for index: \(name) when "
                        + "BillingMode is PAY_PER_REQUEST"
                )
            }
            try SchemaRules.checkUnits(throughput, "globalSecondaryIndexUpdates")
            let current = definition.indexes[position].throughput
            guard throughput != current else { throw Self.unchanged(current, "index \(name)") }
            try definition.indexes[position].changes.note(
                from: current,
                to: throughput,
                at: now
            )
            definition.indexes[position].throughput = throughput
        }
    }

    /// A table that becomes provisioned needs a throughput for each of its global indexes.
    private func requireIndexThroughput(_ definition: TableDefinition) throws(DatabaseError) {
        guard definition.billing.mode == .provisioned else { return }
        for index in definition.globalIndexes where index.throughput == .none {
            throw .invalidParameters(
                "ProvisionedThroughput must be specified for index: \(index.name)"
            )
        }
    }

    /// Keeps the types of exactly those attributes that keys use.
    private func addDefinitions(to definition: inout TableDefinition) {
        var used = definition.key.attributes + definition.indexes.flatMap(\.attributes)
        for case .create(let index) in request.indexChanges {
            used += request.attributeDefinitions.filter { attribute in
                index.keySchema.contains {
                    TextOrder.areEqual($0.attributeName, attribute.name)
                }
            }
        }
        var kept: [AttributeDefinition] = []
        for attribute in definition.attributeDefinitions + used
        where used.contains(attribute) && !kept.contains(attribute) {
            kept.append(attribute)
        }
        definition.attributeDefinitions = kept
    }
}
