internal import ShaleEngine

/// Goes through all items of a table that were there before something new was kept of each, and adds it.
///
/// Every item is owned while what it needs is written from its newest image: no writer can come in between. After a
/// crash or a close it begins anew.
struct TableFilling: Sendable {
    let engine: Engine
    let table: EngineTable

    /// Runs `body` for each key that the table holds, and `note` on what it answers.
    ///
    /// What is written is durable when the catalog is written at the end, which is synced after all of it.
    /// - Returns: Whether all were seen; false when the task was cancelled.
    func run<Answer: Sendable>(
        _ body:
            @escaping @Sendable (EntryKey, ReadView) throws(EngineError) -> (WriteBatch, Answer),
        note: (Answer) -> Void
    ) async throws(EngineError) -> Bool {
        var walk = TableWalk(table)
        while let keys = try await walk.next(engine, { _, entries in entries.map(\.key) }) {
            var last = LogPosition.zero
            for bytes in keys {
                if Task.isCancelled { return false }
                let key = table.key(stored: bytes)
                let staged = try await engine.stage(owning: [OwnedKey(table.id, key)], .buffered) {
                    view throws(EngineError) in
                    try body(key, view)
                }
                note(staged.answer)
                last = max(last, staged.position)
            }
            try await engine.settle(last)
        }
        return true
    }
}
