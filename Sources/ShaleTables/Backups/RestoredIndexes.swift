internal import ShaleEngine
internal import ShaleItems

/// Fills all indexes of a table that nobody writes to, in one walk over its items, and counts them.
struct RestoredIndexes: Sendable {
    let engine: Engine
    let table: TableDefinition

    /// - Returns: what the table and then each index holds; nil when the task was cancelled.
    func run() async throws(EngineError) -> [Tally]? {
        var tallies = Array(repeating: Tally(), count: 1 + table.indexes.count)
        var walk = TableWalk(table.engineTable)
        while let (batch, more) = try await walk.next(engine, entries) {
            if Task.isCancelled { return nil }
            if !batch.isEmpty { try await engine.write(batch, .buffered) }
            for index in tallies.indices { tallies[index] += more[index] }
        }
        return tallies
    }

    @Sendable private func entries(
        _: ReadView,
        _ stored: [(key: [UInt8], value: [UInt8])]
    ) throws(EngineError) -> (WriteBatch, [Tally]) {
        var batch = WriteBatch()
        var tallies = Array(repeating: Tally(), count: 1 + table.indexes.count)
        do throws(ItemError) {
            for (_, value) in stored {
                let item = try ItemDecoder.decode(value)
                tallies[0] += Tally(items: 1, bytes: item.sizeBytes)
                for (position, index) in table.indexes.enumerated() {
                    guard let entry = index.entry(of: item, table.key) else { continue }
                    let bytes = try ItemEncoder.encode(entry.item)
                    batch.put(index.engineTable.id, entry.key, bytes)
                    tallies[position + 1] += Tally(items: 1, bytes: entry.item.sizeBytes)
                }
            }
        } catch {
            throw EngineError(.corrupted, "item of \(table.name): \(error.description)")
        }
        return (batch, tallies)
    }
}
