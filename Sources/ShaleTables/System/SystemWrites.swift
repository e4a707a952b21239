package import ShaleEngine
package import ShaleItems

/// Writes of system tables that are to happen together: gathered by several layers, written by one of them.
///
///     var writes = timers.writes(setting: [next])
///     writes.put(history, in: executions)
///     try await database.write(writes)
package struct SystemWrites: Sendable {
    enum Change: Sendable {
        case put(Item)
        case delete(Item)

        func write(_ version: TableVersion) throws(DatabaseError) -> ItemWrite {
            switch self {
            case .put(let item): try .put(item, version)
            case .delete(let key): try .delete(key, version)
            }
        }
    }

    private(set) var changes: [(table: SystemTable, change: Change)] = []

    /// Nothing to write yet.
    package init() {}

    /// Whether there is nothing to write.
    package var isEmpty: Bool { changes.isEmpty }

    /// Adds an item to be put.
    package mutating func put(_ item: Item, in table: SystemTable) {
        changes.append((table, .put(item)))
    }

    /// Adds an item to be deleted, by its key; one that is not there is no error.
    package mutating func delete(_ key: Item, from table: SystemTable) {
        changes.append((table, .delete(key)))
    }

    /// Adds what another layer writes.
    package mutating func append(_ others: SystemWrites) { changes += others.changes }
}

extension Database {
    /// Does writes of system tables together: all or none of them, one record of the log.
    ///
    /// - Parameters:
    ///   - writes: No two of one item.
    ///   - durability: What they survive.
    /// - Throws: `.validation`, `.internalFailure`.
    package func write(
        _ writes: SystemWrites,
        _ durability: Durability = .synced
    ) async throws(DatabaseError) {
        guard !writes.isEmpty else { return }
        var entered = EnteredSystemTables()
        defer { entered.leave() }
        var prepared: [ItemWrite] = []
        for (table, change) in writes.changes {
            prepared.append(try change.write(entered.enter(table.live)))
        }
        precondition(
            Set(prepared.map(\.owned)).count == prepared.count,
            "a record writes an item once"
        )
        entered.tallies = try await decide(prepared, durability)
    }

    /// Writes what was prepared, and says what of which table it changed.
    func decide(
        _ writes: [ItemWrite],
        _ durability: Durability
    ) async throws(DatabaseError) -> [(table: TableID, change: Tally)] {
        let outcome: Result<[ItemWrite.Outcome], DatabaseError>
        do throws(EngineError) {
            outcome = try await engine.update(owning: writes.map(\.owned), durability) {
                view throws(EngineError) in
                var batch = WriteBatch()
                var outcomes: [ItemWrite.Outcome] = []
                for write in writes {
                    let (part, outcome) = try write.decide(view)
                    switch outcome {
                    case .success(let done): outcomes.append(done)
                    case .failure(let error): return (WriteBatch(), .failure(error))
                    }
                    batch.append(part)
                }
                return (batch, .success(outcomes))
            }
        } catch {
            throw DatabaseError(error)
        }
        return try outcome.get().flatMap(\.tallies)
    }
}

/// The system tables that one record writes to: each entered once.
private struct EnteredSystemTables {
    private var entered: [(table: LiveTable, version: TableVersion)] = []
    var tallies: [(table: TableID, change: Tally)] = []

    mutating func enter(_ table: LiveTable) throws(DatabaseError) -> TableVersion {
        if let known = entered.first(where: { $0.table === table }) { return known.version }
        let version = try table.enter()
        entered.append((table, version))
        return version
    }

    func leave() {
        for (table, version) in entered {
            let id = version.engineTable.id
            table.leave(version, tallies.filter { $0.table == id })
        }
    }
}
