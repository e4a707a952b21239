internal import ShaleItems

/// What a catalog entry holds of a table's settings, each attribute absent where there is nothing to remember:
///
///     tags         L     of [key S, value S], in the order of their keys
///     encryption   S     the name of the key that was asked for; empty for the account's own
///     onDemandMax  L     of [reads N or NULL, writes N or NULL]; of indexes as well
///     warm         L     of [reads N or NULL, writes N or NULL]; of indexes as well
///     policy       L     of [text S, revision S]
extension TableSettings {
    /// Adds the attributes to an entry.
    func add(to entry: inout Item) {
        if !tags.isEmpty {
            entry["tags"] = .list(tags.map { [.string($0.key), .string($0.value)] })
        }
        entry["encryption"] = encryption.map { .string($0.keyName ?? "") }
        entry["onDemandMax"] = onDemand.map { .onDemand($0) }
        entry["warm"] = warm.map { .warm($0) }
        entry["policy"] = policy.map { [.string($0.text), .string($0.revision)] }
    }
}

extension IndexDefinition {
    /// Adds the attributes to the map of an index.
    func addSettings(to entry: inout Item) {
        entry["onDemandMax"] = onDemand.map { .onDemand($0) }
        entry["warm"] = warm.map { .warm($0) }
    }
}

extension CatalogFields {
    func settings() throws(DatabaseError) -> TableSettings {
        var settings = TableSettings()
        if item.contains(name: "tags") {
            for value in try list("tags") {
                let (key, text) = try texts(value, "tags")
                settings.tags.append(TableTag(key, text))
            }
        }
        if item.contains(name: "encryption") {
            let name = try text("encryption")
            settings.encryption = EncryptionSpecification(keyName: name.isEmpty ? nil : name)
        }
        settings.onDemand = try onDemand()
        settings.warm = try warm()
        if item.contains(name: "policy") {
            let (text, revision) = try texts(.list(try list("policy")), "policy")
            settings.policy = ResourcePolicy(text: text, revision: revision)
        }
        return settings
    }

    func onDemand() throws(DatabaseError) -> OnDemandThroughput? {
        try numbers("onDemandMax").map {
            OnDemandThroughput(maxReadRequestUnits: $0.0, maxWriteRequestUnits: $0.1)
        }
    }

    func warm() throws(DatabaseError) -> WarmThroughput? {
        try numbers("warm").map {
            WarmThroughput(readUnitsPerSecond: $0.0, writeUnitsPerSecond: $0.1)
        }
    }

    private func texts(
        _ value: AttributeValue,
        _ name: String
    ) throws(DatabaseError) -> (String, String) {
        guard let pair = value.listValue, pair.count == 2, let first = pair[0].stringValue,
            let second = pair[1].stringValue
        else { throw .damaged("catalog", "the attribute \(name) is malformed") }
        return (first, second)
    }

    private func numbers(_ name: String) throws(DatabaseError) -> (Int?, Int?)? {
        guard item.contains(name: name) else { return nil }
        let values = try list(name)
        let numbers = values.map { $0.numberValue?.intValue }
        guard numbers.count == 2,
            zip(values, numbers).allSatisfy({ $0 == .null || $1 != nil })
        else { throw .damaged("catalog", "the attribute \(name) is malformed") }
        return (numbers[0], numbers[1])
    }
}

extension AttributeValue {
    fileprivate static func onDemand(_ limits: OnDemandThroughput) -> AttributeValue {
        [.optional(limits.maxReadRequestUnits), .optional(limits.maxWriteRequestUnits)]
    }

    fileprivate static func warm(_ warm: WarmThroughput) -> AttributeValue {
        [.optional(warm.readUnitsPerSecond), .optional(warm.writeUnitsPerSecond)]
    }

    private static func optional(_ number: Int?) -> AttributeValue {
        number.map { .number(Number($0)) } ?? .null
    }
}
