internal import ShaleEngine
internal import ShaleItems

/// Reads the attributes of a catalog entry.
///
/// Everything that is not as `CatalogFormat` draws it is damage, and named.
struct CatalogFields {
    let item: Item

    private func damaged(_ name: String) -> DatabaseError {
        .damaged("catalog", "the attribute \(name) is missing or of another type")
    }

    func text(_ name: String) throws(DatabaseError) -> String {
        guard let text = item[name]?.stringValue else { throw damaged(name) }
        return text
    }

    func choice<Choice: RawRepresentable<String>>(
        _ name: String
    ) throws(DatabaseError) -> Choice {
        guard let choice = Choice(rawValue: try text(name)) else { throw damaged(name) }
        return choice
    }

    func flag(_ name: String) throws(DatabaseError) -> Bool {
        guard let flag = item[name]?.boolValue else { throw damaged(name) }
        return flag
    }

    func integer(_ name: String) throws(DatabaseError) -> Int64 {
        guard let integer = item[name]?.numberValue?.intValue else { throw damaged(name) }
        return Int64(integer)
    }

    func optionalInteger(_ name: String) throws(DatabaseError) -> Int64? {
        item.contains(name: name) ? try integer(name) : nil
    }

    func list(_ name: String) throws(DatabaseError) -> [AttributeValue] {
        guard let list = item[name]?.listValue else { throw damaged(name) }
        return list
    }

    func names(_ name: String) throws(DatabaseError) -> [String] {
        let list = try list(name)
        let names = list.compactMap(\.stringValue)
        guard names.count == list.count else { throw damaged(name) }
        return names
    }

    private func pair(_ name: String) throws(DatabaseError) -> (Int, Int) {
        let numbers = try list(name).map { $0.numberValue?.intValue }
        guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else {
            throw damaged(name)
        }
        return (first, second)
    }

    func throughput() throws(DatabaseError) -> ProvisionedThroughput {
        let (reads, writes) = try pair("throughput")
        return ProvisionedThroughput(readCapacityUnits: reads, writeCapacityUnits: writes)
    }

    func throughputChanges() throws(DatabaseError) -> ThroughputChanges {
        ThroughputChanges(
            lastIncreaseMilliseconds: try optionalInteger("increased"),
            lastDecreaseMilliseconds: try optionalInteger("decreased"),
            decreases: Int(try optionalInteger("decreases") ?? 0)
        )
    }

    func switches() throws(DatabaseError) -> BillingSwitches {
        guard item.contains(name: "switches") else { return BillingSwitches() }
        let list = try list("switches")
        let numbers = list.compactMap { $0.numberValue?.intValue }
        guard numbers.count == list.count else { throw damaged("switches") }
        return BillingSwitches(milliseconds: numbers.map { Int64($0) })
    }

    func tally() throws(DatabaseError) -> Tally {
        let (items, bytes) = try pair("tally")
        return Tally(items: items, bytes: bytes)
    }

    func stream() throws(DatabaseError) -> StreamSpecification? {
        guard item.contains(name: "stream") else { return nil }
        let list = try list("stream")
        guard list.count == 2, let isEnabled = list[0].boolValue else { throw damaged("stream") }
        guard let text = list[1].stringValue else {
            return StreamSpecification(isEnabled: isEnabled)
        }
        guard let viewType = StreamSpecification.ViewType(rawValue: text) else {
            throw damaged("stream")
        }
        return StreamSpecification(isEnabled: isEnabled, viewType: viewType)
    }

    func expiry(
        _ find: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> ExpiryDefinition? {
        guard item.contains(name: "expiry") else { return nil }
        let list = try list("expiry")
        guard list.count == 3, let name = list[0].stringValue,
            let number = list[1].numberValue?.intValue, number > 0,
            let isBackfilling = list[2].boolValue
        else { throw damaged("expiry") }
        guard let table = find(TableID(UInt64(number))) else {
            throw .damaged("catalog", "the engine has no table \(number)")
        }
        return ExpiryDefinition(
            attributeName: name,
            engineTable: table,
            isBackfilling: isBackfilling
        )
    }

    func attributeDefinitions() throws(DatabaseError) -> [AttributeDefinition] {
        var definitions: [AttributeDefinition] = []
        for value in try list("attributes") {
            guard let pair = value.listValue, pair.count == 2, let name = pair[0].stringValue,
                let type = pair[1].stringValue.flatMap({ KeyType(rawValue: $0) })
            else { throw damaged("attributes") }
            definitions.append(AttributeDefinition(name, type))
        }
        return definitions
    }

    func engineTable(
        _ name: String,
        _ find: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> EngineTable {
        let number = try integer(name)
        guard number > 0, let table = find(TableID(UInt64(number))) else {
            throw .damaged("catalog", "the engine has no table \(number)")
        }
        return table
    }
}
