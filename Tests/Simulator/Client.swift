internal import ShaleEngine
internal import Simulation

/// One writer of one life.
struct Client: Sendable {
    let engine: Engine
    let tables: [EngineTable]
    let history: WriterHistory
    let counter: SharedCounter
    let numbers: BatchNumbers
    let swarm: Swarm
    let limits: DiskLimits

    /// Writes until something throws, or `limit` batches are through.
    func run(_ limit: Int, _ generator: consuming SimulatedGenerator) async throws {
        for _ in 0..<limit {
            do throws(EngineError) {
                if generator.below(100) < swarm.sharedPercent {
                    try await count(&generator)
                } else {
                    try await write(&generator)
                }
            } catch {
                try await limits.wait(after: error)
            }
        }
    }

    private func write(_ generator: inout SimulatedGenerator) async throws(EngineError) {
        let number = numbers.next()
        var changes: [ModelKey: [UInt8]?] = [:]
        for _ in 0...generator.below(swarm.batchLimit) {
            let key = key(&generator)
            changes[key] =
                generator.below(100) < swarm.deletePercent
                ? .some(nil) : value(number, &generator)
        }
        changes[history.clock] = Numbers.bytes(number)
        let isSynced = generator.below(100) >= swarm.bufferedPercent
        history.begin(
            ModelBatch(number: number, changes: changes, isSynced: isSynced, position: nil)
        )
        var batch = WriteBatch()
        for (key, value) in changes.sorted(by: { $0.key.words < $1.key.words }) {
            let table = tables[key.table]
            let entryKey = table.key(partition: key.partition, sort: key.sort)
            if let value {
                batch.put(table.id, entryKey, value)
            } else {
                batch.delete(table.id, entryKey)
            }
        }
        do throws(EngineError) {
            let position = try await engine.write(batch, isSynced ? .synced : .buffered)
            history.acknowledge(number, at: position)
        } catch {
            // A full disk means that nothing was written, and that must hold.
            if error.code == .diskFull { history.withdraw(number) }
            throw error
        }
    }

    private func count(_ generator: inout SimulatedGenerator) async throws(EngineError) {
        let isSynced = generator.below(100) >= swarm.bufferedPercent
        counter.begin()
        let table = tables[SharedCounter.key.table]
        let key = table.key(partition: SharedCounter.key.partition)
        do throws(EngineError) {
            let value = try await engine.update(
                owning: [OwnedKey(table.id, key)],
                isSynced ? .synced : .buffered
            ) { view throws(EngineError) in
                let value = Numbers.number(try view.get(table.id, key)) + 1
                var batch = WriteBatch()
                batch.put(table.id, key, Numbers.bytes(value))
                return (batch, value)
            }
            counter.acknowledge(value, isSynced: isSynced)
        } catch {
            if error.code == .diskFull { counter.withdraw() }
            throw error
        }
    }

    private func key(_ generator: inout SimulatedGenerator) -> ModelKey {
        let partition =
            generator.oneIn(8) ? "w\(history.writer)-\(generator.below(5))" : "w\(history.writer)"
        return ModelKey(
            table: generator.below(tables.count),
            partition: Array(partition.utf8),
            sort: Array("k\(generator.below(swarm.keysPerWriter))".utf8)
        )
    }

    /// Bytes that say which batch wrote them.
    private func value(_ number: UInt64, _ generator: inout SimulatedGenerator) -> [UInt8] {
        let limit = generator.oneIn(10) ? swarm.valueLimit : min(swarm.valueLimit, 60)
        let size = generator.below(limit + 1)
        let word = generator.next()
        var bytes = Numbers.bytes(number)
        // Half of it compresses.
        for index in 0..<size {
            let byte = UInt8(truncatingIfNeeded: word >> UInt64(index % 8 * 8))
            bytes.append(index % 2 == 0 ? byte &+ UInt8(truncatingIfNeeded: index / 8) : 7)
        }
        return bytes
    }
}
