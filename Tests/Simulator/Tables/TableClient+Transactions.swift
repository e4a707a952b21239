internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

extension TableClient {
    /// Some of the client's own items, in any tables, each once.
    private mutating func ownKeys(_ count: Int) -> [(ItemKey, TableSchema)] {
        let own = state.tables.values.sorted { $0.name < $1.name }
        var keys: [(ItemKey, TableSchema)] = []
        for _ in 0..<count {
            let schema = generator.pick(life.tables + own)
            let key = generator.ownKey(schema)
            if !keys.contains(where: { $0.0 == key }) { keys.append((key, schema)) }
        }
        return keys
    }

    /// Writes several items together; now and then under a condition that does not hold.
    mutating func transact() async throws {
        let keys = ownKeys(1 + generator.below(6))
        let failing = generator.oneIn(5) ? generator.below(keys.count) : nil
        var writes: [(ItemKey, Item?)] = []
        var actions: [TransactWriteAction] = []
        for (index, (key, schema)) in keys.enumerated() {
            let there = state.items[key]
            var item = generator.oneIn(3) ? nil : generator.item(key, schema, isShared: false)
            var change =
                item.map { TransactWriteAction.Change.put($0) }
                ?? .delete(key: key.attributes)
            if generator.oneIn(6) {
                change = .check(key: key.attributes)
                item = there
            }
            let holds = (there != nil) != (index == failing)
            writes.append((key, item))
            actions.append(
                TransactWriteAction(
                    tableName: schema.name,
                    change,
                    condition: holds ? "attribute_exists(pk)" : "attribute_not_exists(pk)"
                )
            )
        }
        note(
            "transaction of \(writes.map { "\($0.0): \($0.1?.words ?? "nothing")" }), fails at "
                + "\(failing.map(String.init) ?? "none") …"
        )
        var request = TransactWriteItemsRequest(actions)
        let isSynced = !generator.percent(swarm.bufferedPercent)
        request.durability = isSynced ? .synced : .buffered
        if generator.oneIn(3) {
            request.clientRequestToken = "\(history.client)-\(life.moments.next())"
        }
        try await perform(request, writes, failing, isSynced: isSynced)
    }

    private mutating func perform(
        _ request: TransactWriteItemsRequest,
        _ writes: [(ItemKey, Item?)],
        _ failing: Int?,
        isSynced: Bool
    ) async throws {
        let database = database
        if let failing {
            do {
                _ = try await life.end.hear { try await database.transactWriteItems(request) }
            } catch let error as DatabaseError where error.code == .transactionCanceled {
                let reasons = error.cancellationReasons ?? []
                let found = reasons.indices.filter { reasons[$0].code != .none }
                guard reasons.count == writes.count, found == [failing] else {
                    throw fail("a transaction failed at \(found), not at \(failing)")
                }
                return note("→ canceled")
            }
            throw fail("a transaction was done though its condition \(failing) does not hold")
        }
        let changes = writes.map { ClientHistory.Change.item($0.0, $0.1) }
        let steps = history.begin(
            changes,
            at: life.moments.next(),
            isSynced: isSynced,
            isTransaction: true
        )
        let first = try await life.end.hear { try await database.transactWriteItems(request) }
        guard !first.wasRepeated else { throw fail("a new token was known") }
        note("→ done")
        for (key, item) in writes { state.items[key] = item }
        history.acknowledge(steps, at: life.moments.next())
        guard request.clientRequestToken != nil, generator.oneIn(2) else { return }
        let again = try await life.end.hear { try await database.transactWriteItems(request) }
        guard again.wasRepeated else { throw fail("a transaction was done twice") }
    }

    /// Reads several items together.
    mutating func transactGet() async throws {
        let keys = ownKeys(1 + generator.below(8)).map(\.0)
        note("reads together \(keys) …")
        let request = TransactGetItemsRequest(
            keys.map { TransactGet(tableName: $0.table, key: $0.attributes) }
        )
        let database = database
        let response = try await life.end.hear { try await database.transactGetItems(request) }
        let expected = keys.map { state.items[$0] }
        guard response.items == expected else {
            throw fail(
                "\(keys) are \(response.items.map { $0?.words ?? "nothing" }), not "
                    + "\(expected.map { $0?.words ?? "nothing" })"
            )
        }
    }
}
