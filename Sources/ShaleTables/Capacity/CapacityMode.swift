internal import ShaleCapacity

/// Which limits of capacity count; the raw value is how the command line says it.
public enum CapacityMode: String, Sendable, CaseIterable {
    /// What tables declare: provisioned throughput, and the maxima of tables paid by request.
    case declared
    /// What the service has besides: limits of key ranges, and how fast a table paid by request may grow.
    case service
    /// None.
    case unlimited
}

extension TableDefinition {
    /// What bounds the table and its global indexes; empty where nothing does.
    func limits(_ mode: CapacityMode) -> [TableCapacity.Resource: TableCapacity.Limits] {
        guard mode != .unlimited else { return [:] }
        var limits: [TableCapacity.Resource: TableCapacity.Limits] = [:]
        limits[.table] = flows(mode, billing.throughput, settings.onDemand, settings.warm)
        for index in globalIndexes {
            limits[.index(index.name)] = flows(
                mode,
                index.throughput,
                index.onDemand,
                index.warm
            )
        }
        return limits.filter { !$0.value.isUnlimited }
    }

    private func flows(
        _ mode: CapacityMode,
        _ throughput: ProvisionedThroughput,
        _ onDemand: OnDemandThroughput?,
        _ warm: WarmThroughput?
    ) -> TableCapacity.Limits {
        var limits = TableCapacity.Limits()
        switch billing.mode {
        case .provisioned:
            limits.reads.provisioned = throughput.readCapacityUnits
            limits.writes.provisioned = throughput.writeCapacityUnits
        case .payPerRequest:
            limits.reads.maximum = onDemand?.maxReadRequestUnits
            limits.writes.maximum = onDemand?.maxWriteRequestUnits
        }
        guard mode == .service else { return limits }
        limits.reads.perKeyRange = KeyRangeLimits.readUnitsPerSecond
        limits.writes.perKeyRange = KeyRangeLimits.writeUnitsPerSecond
        if billing.mode == .payPerRequest {
            limits.reads.rampStart = max(
                OnDemandRamp.startReadUnitsPerSecond,
                warm?.readUnitsPerSecond ?? 0
            )
            limits.writes.rampStart = max(
                OnDemandRamp.startWriteUnitsPerSecond,
                warm?.writeUnitsPerSecond ?? 0
            )
        }
        return limits
    }
}
