internal import ShaleEngine
internal import ShaleItems

extension Database {
    /// What a write has done, or one of its identity before it.
    private struct Marked: Sendable {
        var done: ItemWrite.Outcome?
        var attributes: Item?
        /// How the table of marks grew.
        var tallies: [(table: TableID, change: Tally)] = []
    }

    /// A write that leaves a mark in its own record, and does nothing where its mark is there.
    func perform(
        _ mark: WriteMark,
        _ tableName: String,
        _ options: WriteOptions,
        _ make: (TableVersion) throws(DatabaseError) -> ItemWrite
    ) async throws(DatabaseError) -> WriteItemResponse {
        let table = try catalog.table(tableName)
        let version = try table.enter()
        var tallies: [(table: TableID, change: Tally)] = []
        defer { table.leave(version, tallies) }
        var write = try make(version)
        write.followers = followers(of: table, version)
        write.gate = version.gate
        write.usage = version.usage
        let decided = write
        table.note(decided.entryKey)
        try decided.admit()
        let result: Result<Marked, DatabaseError>
        do throws(EngineError) {
            result = try await engine.update(
                owning: [decided.owned, mark.owned],
                options.durability ?? self.options.durability
            ) { view throws(EngineError) in
                try Self.decide(decided, mark, options.returnValues, view)
            }
        } catch {
            throw DatabaseError(error)
        }
        let marked = try result.get()
        guard let done = marked.done else {
            return WriteItemResponse(attributes: marked.attributes)
        }
        decided.charge(.success(done))
        tallies = done.tallies
        try mark.count(marked.tallies)
        return WriteItemResponse(
            attributes: marked.attributes,
            consumedCapacity: options.returnConsumedCapacity == .none ? nil : done.consumed
        )
    }

    private static func decide(
        _ write: ItemWrite,
        _ mark: WriteMark,
        _ returnValues: ReturnValues,
        _ view: ReadView
    ) throws(EngineError) -> (WriteBatch, Result<Marked, DatabaseError>) {
        if let attributes = try mark.answer(view) {
            return (WriteBatch(), .success(Marked(attributes: attributes)))
        }
        var (batch, outcome) = try write.decide(view)
        let done: ItemWrite.Outcome
        switch outcome {
        case .failure(let error): return (batch, .failure(error))
        case .success(let value): done = value
        }
        let attributes = done.attributes(returnValues)
        let (part, marked) = try mark.decide(attributes, view)
        switch marked {
        case .failure(let error): return (WriteBatch(), .failure(error))
        case .success(let made):
            batch.append(part)
            return (
                batch,
                .success(Marked(done: done, attributes: attributes, tallies: made.tallies))
            )
        }
    }
}
