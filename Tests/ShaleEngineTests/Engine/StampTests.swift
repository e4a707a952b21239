import ShaleEngine
import ShalePlatform
import Testing

/// Writes whose keys end with the place that they get in the log.
struct StampTests {
    @Test func `entries under one prefix are in the order in which they were written`() async throws
    {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let engine = try await Engine.open("db", in: world)
        let table = try await engine.createTable()
        var ends: [LogPosition] = []
        for number in 0..<20 as Range<UInt8> {
            var batch = WriteBatch()
            batch.put(stamped: table.key(partition: [1]), table.id, [number, 0])
            batch.put(table.id, table.key(partition: [2], sort: [number]), [number])
            batch.put(stamped: table.key(partition: [1]), table.id, [number, 1])
            ends.append(try await engine.write(batch))
            if number == 9 { try await engine.flush() }
        }
        try await check(engine, table, ends)
        try await engine.close()
        let again = try await Engine.open("db", in: world)
        try await check(again, table, ends)
        try await again.close()
    }

    private func check(_ engine: Engine, _ table: EngineTable, _ ends: [LogPosition]) async throws {
        let entries = try await engine.read { view throws(EngineError) in
            var entries: [(stamp: Stamp?, value: [UInt8])] = []
            try view.scan(table.id, table.range(partition: [1])) { key, value in
                entries.append((Stamp(endOf: key), value))
                return .continue
            }
            return entries
        }
        #expect(entries.map(\.value) == (0..<20).flatMap { [[$0, 0], [$0, 1]] })
        #expect(
            entries.compactMap(\.stamp?.ordinal) == (0..<20).flatMap { _ in [0, 1] as [UInt16] }
        )
        for (index, end) in ends.enumerated() {
            let (first, second) = (entries[2 * index].stamp, entries[2 * index + 1].stamp)
            #expect(first?.position == second?.position)
            #expect(first.map { $0.position < end } == true)
            if index > 0 { #expect(first.map { $0.position >= ends[index - 1] } == true) }
        }
    }

    @Test func `what was not flushed has the same keys after a crash`() async throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let engine = try await Engine.open("db", in: world)
        let table = try await engine.createTable()
        func keys(_ engine: Engine) async throws -> [[UInt8]] {
            try await engine.read { view throws(EngineError) in
                var keys: [[UInt8]] = []
                try view.scan(table.id, .all) { key, _ in
                    keys.append(key)
                    return .continue
                }
                return keys
            }
        }
        var batches = WriteBatch()
        for number in 0..<5 as Range<UInt8> {
            var batch = WriteBatch()
            batch.put(stamped: table.key(partition: [1], sort: [7]), table.id, [number])
            batches.append(batch)
        }
        try await engine.write(batches)
        let before = try await keys(engine)
        #expect(before.count == 5)
        #expect(before.map { Stamp(endOf: $0)?.ordinal } == [0, 1, 2, 3, 4])
        try await engine.checkpoint(to: "copy")
        try await engine.close()
        let restored = try await Engine.open("copy", in: world)
        #expect(try await keys(restored) == before)
        try await restored.close()
    }

    @Test func `a stamp has the bytes that its drawing says`() {
        let stamp = Stamp(position: LogPosition(0x0102_0304_0506_0708), ordinal: 0x090A)
        #expect(stamp.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(Stamp(endOf: [0xFF] + stamp.bytes) == stamp)
        #expect(Stamp(endOf: Array(stamp.bytes.dropFirst())) == nil)
    }
}
