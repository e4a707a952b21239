internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform

/// Deletes expired items of one table through the normal way of writes: with their index entries, with records in its
/// stream, and only if they are still expired when it is their turn.
struct ExpirySweep: Sendable {
    /// Items of one step: they share one sync.
    static let stepCount = 128

    let engine: Engine
    let live: LiveTable
    let definition: ExpiryDefinition
    let space: StreamSpace
    let milliseconds: Int64

    private struct Due: Sendable {
        var entry: EntryKey
        var seconds: Int64
        var item: Item
    }

    /// Deletes what is due, at most `limit` items.
    /// - Returns: how many were deleted.
    func run(limit: Int) async throws(DatabaseError) -> Int {
        var deleted = 0
        let begin = live.expiry.beginSweep()
        await live.awaitWriters()
        var from = begin
        // An item expires when the second that its attribute says is over.
        let end = milliseconds / 1000
        while deleted < limit {
            // The time of what stays will come again, when streams have space for its records.
            guard !space.isFull || live.changes.now == nil else { return deleted }
            let step = try await due(from: from, to: end)
            guard let last = step.last else {
                live.expiry.endSweep(from: begin, to: end)
                return deleted
            }
            deleted += try await delete(step)
            // Those of one second may not fit into one step; every entry of a step is gone behind it.
            from = last.seconds
        }
        return deleted
    }

    private func due(from first: Int64, to end: Int64) async throws(DatabaseError) -> [Due] {
        guard first < end else { return [] }
        let range = ExpiryEntry.range(definition, from: first, to: end)
        let table = definition.engineTable
        let found: Result<[Due], ItemError>
        do throws(EngineError) {
            found = try await engine.read { view throws(EngineError) in
                var entries: [(key: [UInt8], value: [UInt8])] = []
                try view.scan(table.id, range) { key, value in
                    entries.append((key, value))
                    return entries.count < Self.stepCount ? .continue : .stop
                }
                return Result { () throws(ItemError) in
                    var due: [Due] = []
                    for entry in entries {
                        due.append(
                            Due(
                                entry: table.key(stored: entry.key),
                                seconds: ExpiryEntry.seconds(in: entry.key),
                                item: try ItemDecoder.decode(entry.value)
                            )
                        )
                    }
                    return due
                }
            }
        } catch {
            throw DatabaseError(error)
        }
        switch found {
        case .success(let due): return due
        case .failure(let error): throw DatabaseError(error)
        }
    }

    private func delete(_ due: [Due]) async throws(DatabaseError) -> Int {
        let version = try live.enter()
        var tallies: [(table: TableID, change: Tally)] = []
        defer { live.leave(version, tallies) }
        var deleted = 0
        var last = LogPosition.zero
        for each in due {
            var write = try ItemWrite.delete(each.item, version)
            write.followers = WriteFollowers(
                changes: live.changes,
                expiry: live.expiry,
                space: space,
                milliseconds: milliseconds,
                isExpiry: true
            )
            let decided = write
            let staged: Staged<Result<ItemWrite.Outcome, DatabaseError>?>
            do throws(EngineError) {
                staged = try await engine.stage(owning: [decided.owned], .buffered) {
                    view throws(EngineError) in
                    try decide(each, decided, view)
                }
            } catch {
                throw DatabaseError(error)
            }
            last = max(last, staged.position)
            guard let outcome = try staged.answer?.get() else { continue }
            deleted += 1
            space.add(bytes: outcome.recordBytes)
            tallies += outcome.tallies
        }
        do throws(EngineError) {
            // What is lost with the power is deleted again.
            try await engine.settle(last)
        } catch {
            throw DatabaseError(error)
        }
        return deleted
    }

    /// Deletes the item if it still expires at the time that the entry says, and that is not too long ago; otherwise only the
    /// entry, behind which no item stands that will ever be deleted.
    private func decide(
        _ due: Due,
        _ write: ItemWrite,
        _ view: ReadView
    ) throws(EngineError) -> (WriteBatch, Result<ItemWrite.Outcome, DatabaseError>?) {
        let bytes = try view.get(write.version.engineTable.id, write.entryKey)
        let seconds: Int64?
        do throws(ItemError) {
            seconds = try bytes.map { (bytes) throws(ItemError) in try ItemDecoder.decode(bytes) }
                .flatMap { definition.seconds(of: $0) }
        } catch {
            throw EngineError(.corrupted, "item: \(error.description)")
        }
        let age = milliseconds / 1000 - due.seconds
        guard seconds == due.seconds, age <= ExpiryDefinition.oldestSeconds else {
            var batch = WriteBatch()
            batch.delete(definition.engineTable.id, due.entry)
            return (batch, nil)
        }
        let (batch, outcome) = try write.decide(view)
        return (batch, outcome)
    }
}
