internal import ShaleTables
internal import ShaleWire

/// What both ways of restoring a table are told of the new one.
struct RestoreMembers: Sendable {
    var targetTableName: String?
    var overrides = RestoreOverrides()

    /// Reads a member if it is one of these.
    /// - Returns: whether it is.
    mutating func read(
        _ name: String,
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Bool {
        switch name {
        case "TargetTableName":
            let text = try reader.readString()
            constraints.checkName(text, at: "targetTableName")
            targetTableName = text
        case "BillingModeOverride":
            overrides.billingMode = try reader.readChoice(
                BillingMode.self,
                at: "billingModeOverride",
                &constraints
            )
        case "GlobalSecondaryIndexOverride":
            overrides.globalIndexes = try reader.readIndexes(
                at: "globalSecondaryIndexOverride",
                &constraints
            )
        case "LocalSecondaryIndexOverride":
            overrides.localIndexes = try reader.readIndexes(
                at: "localSecondaryIndexOverride",
                &constraints
            )
        case "ProvisionedThroughputOverride":
            overrides.provisionedThroughput = try reader.readThroughput(
                at: "provisionedThroughputOverride",
                &constraints
            )
        case "OnDemandThroughputOverride":
            overrides.onDemandThroughput = try reader.readOnDemandThroughput()
        case "SSESpecificationOverride":
            overrides.encryption = try reader.readEncryption(&constraints)
        default: return false
        }
        return true
    }
}
