/// What is checked of the throughput that a table or index only remembers, and what is made of it.
enum SettingsRules {
    /// The settings of a new table, apart from its policy.
    static func settings(_ request: CreateTableRequest) throws(DatabaseError) -> TableSettings {
        let mode = request.billingMode ?? .provisioned
        var settings = TableSettings()
        if !request.tags.isEmpty { settings.tags = try TagRules.putting(request.tags, on: []) }
        settings.encryption = request.encryption
        settings.onDemand = try onDemand(request.onDemandThroughput, on: nil, mode)
        settings.warm = try warm(
            request.warmThroughput,
            over: WarmThroughput.base(mode, request.provisionedThroughput ?? .none)
        )
        return settings
    }

    /// Limits after a request; they are of tables paid by request only.
    static func onDemand(
        _ request: OnDemandThroughput?,
        on old: OnDemandThroughput?,
        _ mode: BillingMode
    ) throws(DatabaseError) -> OnDemandThroughput? {
        guard let request else { return mode == .payPerRequest ? old : nil }
        guard mode == .payPerRequest else {
            throw .invalidParameters(
                "Neither MaxReadRequestUnits nor MaxWriteRequestUnits can be specified when "
                    + "BillingMode is PROVISIONED"
            )
        }
        let limits = [
            ("MaxReadRequestUnits", request.maxReadRequestUnits),
            ("MaxWriteRequestUnits", request.maxWriteRequestUnits),
        ]
        guard limits.contains(where: { $0.1 != nil }) else {
            throw .invalidParameters(
                "At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified"
            )
        }
        for case (let name, let limit?) in limits
        where limit < 1 && limit != OnDemandThroughput.noLimit {
            throw .invalidParameters("\(name) must be -1 or at least 1, and is \(limit)")
        }
        return (old ?? OnDemandThroughput()).changed(by: request)
    }

    /// What a table or index is ready for after a request, which can only raise it.
    static func warm(
        _ request: WarmThroughput?,
        over current: WarmThroughput
    ) throws(DatabaseError) -> WarmThroughput? {
        guard let request else { return nil }
        let wanted = [
            ("ReadUnitsPerSecond", request.readUnitsPerSecond, current.readUnitsPerSecond),
            ("WriteUnitsPerSecond", request.writeUnitsPerSecond, current.writeUnitsPerSecond),
        ]
        for (name, wanted, current) in wanted {
            guard let wanted, let current, wanted < current else { continue }
            throw .invalidParameters(
                "Requested \(name) for WarmThroughput is lower than current WarmThroughput, "
                    + "decreasing WarmThroughput is not supported"
            )
        }
        return current.raised(to: request)
    }
}

extension TableUpdate {
    /// The settings of the table after the change.
    func settings(_ billing: Billing) throws(DatabaseError) -> TableSettings {
        var settings = old.settings
        if let encryption = request.encryption { settings.encryption = encryption }
        settings.onDemand = try SettingsRules.onDemand(
            request.onDemandThroughput,
            on: settings.onDemand,
            billing.mode
        )
        let base = WarmThroughput.base(billing.mode, billing.throughput)
        if let warm = try SettingsRules.warm(
            request.warmThroughput,
            over: base.raised(to: settings.warm ?? WarmThroughput())
        ) {
            settings.warm = warm
        }
        return settings
    }

    /// Changes what an index remembers.
    func remember(
        _ onDemand: OnDemandThroughput?,
        _ warm: WarmThroughput?,
        in index: inout IndexDefinition,
        _ mode: BillingMode
    ) throws(DatabaseError) {
        index.onDemand = try SettingsRules.onDemand(onDemand, on: index.onDemand, mode)
        let base = WarmThroughput.base(mode, index.throughput)
        if let warm = try SettingsRules.warm(
            warm,
            over: base.raised(to: index.warm ?? WarmThroughput())
        ) {
            index.warm = warm
        }
    }
}
