internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// Compares what is remembered of when the items of a table expire with the items, both ways, each pair in one view.
struct ExpiryCheck: Sendable {
    /// What differences name in place of an index.
    static let name = "(time to live)"

    let table: TableDefinition
    let definition: ExpiryDefinition
    /// Items that expired before this are not deleted, and need not be remembered.
    let oldestSeconds: Int64

    /// Every item that expires must be remembered.
    @Sendable func compareItems(
        _ view: ReadView,
        _ items: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> VerificationStep {
        var step = VerificationStep(count: items.count)
        guard !definition.isBackfilling else { return step }
        for stored in items {
            let item = try table.decode(stored.value)
            guard let seconds = definition.seconds(of: item), seconds > oldestSeconds else {
                continue
            }
            let entry = ExpiryEntry(definition, seconds: seconds, item, table.key)
            if try view.get(definition.engineTable.id, entry.key) == nil {
                step.differences.append(difference(.missing, item))
            }
        }
        return step
    }

    /// Whatever is remembered must be true.
    @Sendable func compareEntries(
        _ view: ReadView,
        _ entries: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> VerificationStep {
        var step = VerificationStep(count: entries.count)
        for stored in entries {
            let key = try table.decode(stored.value)
            let bytes = try view.get(table.engineTable.id, table.entryKey(key))
            let item = try bytes.map { (bytes) throws(EngineError) in try table.decode(bytes) }
            let isTrue =
                item.flatMap { definition.seconds(of: $0) } == ExpiryEntry.seconds(in: stored.key)
            if !isTrue { step.differences.append(difference(.unexpected, key)) }
        }
        return step
    }

    private func difference(_ kind: IndexDifference.Kind, _ item: Item) -> IndexDifference {
        var key = Item()
        for attribute in table.key.attributes { key[attribute.name] = item[attribute.name] }
        key[definition.attributeName] = item[definition.attributeName]
        return IndexDifference(kind: kind, indexName: Self.name, key: key)
    }
}

extension Database {
    /// Adds to what is known of a table's indexes what is wrong with when its items expire.
    func verifyExpiry(
        _ table: TableDefinition,
        limit: Int,
        _ answer: inout IndexVerification
    ) async throws(EngineError) {
        guard let definition = table.timeToLive else { return }
        let check = ExpiryCheck(
            table: table,
            definition: definition,
            oldestSeconds: world.time.wallMilliseconds / 1000 - ExpiryDefinition.oldestSeconds
        )
        var items = TableWalk(table.engineTable)
        while answer.differences.count < limit,
            let step = try await items.next(engine, check.compareItems)
        {
            answer.differences += step.differences
        }
        var entries = TableWalk(definition.engineTable)
        while answer.differences.count < limit,
            let step = try await entries.next(engine, check.compareEntries)
        {
            answer.entries += step.count
            answer.differences += step.differences
        }
    }
}
