internal import ShaleEngine
internal import ShaleItems

extension CatalogFields {
    /// The entry of a stream, as `SystemEntry` draws it.
    func streamDefinition(
        _ engineTable: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> StreamDefinition {
        var generations: [StreamGeneration] = []
        for value in try list("generations") {
            generations.append(try generation(value, engineTable))
        }
        guard !generations.isEmpty else { throw .damaged("catalog", "a stream without shards") }
        return StreamDefinition(
            identity: StreamIdentity(
                tableName: try text("table"),
                createdMilliseconds: try integer("created")
            ),
            tableID: try text("tableID"),
            viewType: try choice("view"),
            keySchema: try keySchema(),
            endedMilliseconds: try optionalInteger("ended"),
            generations: generations
        )
    }

    private func keySchema() throws(DatabaseError) -> [KeySchemaElement] {
        var elements: [KeySchemaElement] = []
        for value in try list("key") {
            guard let pair = value.listValue, pair.count == 2, let name = pair[0].stringValue,
                let role = pair[1].stringValue.flatMap({ KeySchemaElement.Role(rawValue: $0) })
            else { throw .damaged("catalog", "a stream's key is malformed") }
            elements.append(KeySchemaElement(name, role))
        }
        return elements
    }

    private func generation(
        _ value: AttributeValue,
        _ engineTable: (TableID) -> EngineTable?
    ) throws(DatabaseError) -> StreamGeneration {
        let numbers = (value.listValue ?? []).compactMap { $0.numberValue?.intValue }
        guard numbers.count == 5, numbers.allSatisfy({ $0 >= 0 }),
            numbers[2] <= StreamGeneration.largestBits
        else { throw .damaged("catalog", "a stream's generation is malformed") }
        guard let table = engineTable(TableID(UInt64(numbers[1]))) else {
            throw .damaged("catalog", "the engine has no table \(numbers[1])")
        }
        return StreamGeneration(
            number: numbers[0],
            engineTable: table,
            bits: numbers[2],
            createdMilliseconds: Int64(numbers[3]),
            first: LogPosition(UInt64(numbers[4]))
        )
    }

    /// The keys that were asked for most.
    func hotKeys() throws(DatabaseError) -> [HotKey] {
        var keys: [HotKey] = []
        for value in try list("keys") {
            guard let parts = value.listValue, parts.count == 3, let name = parts[0].stringValue,
                let share = parts[2].numberValue?.intValue
            else { throw .damaged("catalog", "a hot key is malformed") }
            keys.append(
                HotKey(tableName: name, partitionKey: parts[1], share: Double(share) / 1_000_000)
            )
        }
        return keys
    }

    /// What a cache did; a number that is not there is zero.
    func cache(_ name: String) -> CacheStatistics {
        var statistics = CacheStatistics()
        guard case .map(let numbers) = item[name] else { return statistics }
        for (name, path) in CacheStatistics.named {
            statistics[keyPath: path] = Int(clamping: numbers[name]?.numberValue?.intValue ?? 0)
        }
        return statistics
    }
}
