import ShaleEngine

/// The engine under load, and how numbers become its keys and values.
///
/// Key `n` has partition key `n / keysPerPartition` and sort key `n`, both eight bytes, big-endian.
/// The first half of a value is drawn, the rest repeats it: it compresses to about a half.
struct BenchTarget: Sendable {
    let engine: Engine
    let table: EngineTable
    let plan: BenchPlan
    let durability: Durability

    /// Writes key `number`.
    func write(_ number: Int, _ draws: inout Draws) async throws(EngineError) {
        var batch = WriteBatch()
        batch.put(table.id, key(number), value(&draws))
        try await engine.write(batch, durability)
    }

    /// Reads key `number`; whether it is there.
    func read(_ number: Int) async throws(EngineError) -> Bool {
        let key = key(number)
        let id = table.id
        return try await engine.read { view throws(EngineError) in
            try view.withValue(id, key) { value throws(EngineError) in value.byteCount } != nil
        }
    }

    /// Reads all entries that share the partition key of key `number`; whether there are any.
    func scan(_ number: Int) async throws(EngineError) -> Bool {
        let range = table.range(partition: Self.bytes(number / plan.keysPerPartition))
        let id = table.id
        let count = try await engine.read { view throws(EngineError) in
            var count = 0
            try view.scan(id, range) { (_, _) throws(EngineError) in
                count += 1
                return .continue
            }
            return count
        }
        return count > 0
    }

    private func key(_ number: Int) -> EntryKey {
        table.key(
            partition: Self.bytes(number / plan.keysPerPartition),
            sort: Self.bytes(number)
        )
    }

    private func value(_ draws: inout Draws) -> [UInt8] {
        var value: [UInt8] = []
        value.reserveCapacity(plan.valueSizeBytes + 8)
        while value.count < (plan.valueSizeBytes + 1) / 2 {
            value += Self.bytes(Int(truncatingIfNeeded: draws.next()))
        }
        value += value
        value.removeLast(value.count - plan.valueSizeBytes)
        return value
    }

    /// A number as eight bytes, big-endian.
    static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
