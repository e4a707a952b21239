internal import ShaleTables
internal import ShaleWire

// What tables remember for their administrators, read and written.

extension JSONReader {
    mutating func readTags(_ constraints: inout Constraints) throws(WireError) -> [TableTag] {
        var tags: [TableTag] = []
        try readEach(at: "tags") { (reader, path) throws(WireError) in
            var key: String?
            var value: String?
            try reader.readStructure { (reader, name) throws(WireError) in
                switch name {
                case "Key":
                    key = try reader.readString(
                        TableLimits.tagKeyLength,
                        at: path + ".key",
                        &constraints
                    )
                case "Value":
                    value = try reader.readString(
                        0...TableLimits.tagValueLength,
                        at: path + ".value",
                        &constraints
                    )
                default: try reader.skipValue()
                }
            }
            constraints.require(key != nil, path + ".key")
            constraints.require(value != nil, path + ".value")
            if let key, let value { tags.append(TableTag(key, value)) }
        }
        return tags
    }

    /// Reads how a table is to be encrypted; nil is the service's way without a choice.
    mutating func readEncryption(
        _ constraints: inout Constraints
    ) throws(WireError) -> EncryptionSpecification? {
        var isOn = false
        var keyName: String?
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Enabled": isOn = try reader.readBool()
            case "SSEType":
                _ = try reader.readWord(
                    of: ["AES256", "KMS"],
                    at: "sSESpecification.sSEType",
                    &constraints
                )
            case "KMSMasterKeyId": keyName = try reader.readString()
            default: try reader.skipValue()
            }
        }
        return isOn ? EncryptionSpecification(keyName: keyName) : nil
    }

    mutating func readOnDemandThroughput() throws(WireError) -> OnDemandThroughput {
        var limits = OnDemandThroughput()
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "MaxReadRequestUnits": limits.maxReadRequestUnits = try reader.readInteger()
            case "MaxWriteRequestUnits": limits.maxWriteRequestUnits = try reader.readInteger()
            default: try reader.skipValue()
            }
        }
        return limits
    }

    mutating func readWarmThroughput() throws(WireError) -> WarmThroughput {
        var warm = WarmThroughput()
        try readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ReadUnitsPerSecond": warm.readUnitsPerSecond = try reader.readInteger()
            case "WriteUnitsPerSecond": warm.writeUnitsPerSecond = try reader.readInteger()
            default: try reader.skipValue()
            }
        }
        return warm
    }
}

extension JSONWriter {
    mutating func onDemandThroughput(_ limits: OnDemandThroughput?) {
        guard let limits else { return }
        name("OnDemandThroughput")
        beginObject()
        if let reads = limits.maxReadRequestUnits { member("MaxReadRequestUnits", reads) }
        if let writes = limits.maxWriteRequestUnits { member("MaxWriteRequestUnits", writes) }
        endObject()
    }

    mutating func warmThroughput(_ warm: WarmThroughput) {
        name("WarmThroughput")
        beginObject()
        if let reads = warm.readUnitsPerSecond { member("ReadUnitsPerSecond", reads) }
        if let writes = warm.writeUnitsPerSecond { member("WriteUnitsPerSecond", writes) }
        member("Status", "ACTIVE")
        endObject()
    }

    /// Says of a table what it was asked, as the service would.
    mutating func encryption(_ encryption: EncryptionSpecification?, _ service: Service) {
        guard let encryption else { return }
        let key = encryption.keyName ?? "alias/aws/dynamodb"
        name("SSEDescription")
        beginObject()
        member("Status", "ENABLED")
        member("SSEType", "KMS")
        member(
            "KMSMasterKeyArn",
            key.utf8.starts(with: "arn:".utf8)
                ? key
                : "arn:aws:kms:\(service.region):\(service.account):"
                    + (key.utf8.starts(with: "alias/".utf8) ? key : "key/" + key)
        )
        endObject()
    }
}
