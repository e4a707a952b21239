import Foundation
import ShaleEngine
import ShalePlatform
import Synchronization
import Testing

/// Writes beside changes of the partition map.
struct WriteOrderTests {
    @Test func `a write goes to the memtable of its own place in the log`() throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let engine = try Engine.openBlocking("db", in: world)
        let table = try engine.createTableBlocking()
        let old = table.key(partition: [1])
        let new = table.key(partition: [2])
        var first = WriteBatch()
        first.put(table.id, old, [1])
        try engine.writeBlocking(first)
        // The memtable that the body has seen is sealed and flushed before the write has its place.
        try engine.updateBlocking(owning: [OwnedKey(table.id, new)]) { view throws(EngineError) in
            _ = try view.get(table.id, new)
            try engine.flushBlocking()
            var batch = WriteBatch()
            batch.put(table.id, new, [2])
            return (batch, ())
        }
        let found = try engine.readBlocking { view throws(EngineError) in
            try view.get(table.id, new)
        }
        #expect(found == [2])
        try engine.closeBlocking()
    }

    /// Whoever leads makes what others have appended visible as well: only when it is in memory.
    ///
    /// The large batch takes longer to come into memory than a thread may run at once, so others lead meanwhile.
    @Test func `of a batch all is visible or nothing, whoever writes beside it`() throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        let engine = try Engine.openBlocking("db", in: world)
        let table = try engine.createTableBlocking()
        let sizes = [10_000, 1, 1]
        let writers = Atomic<Int>(sizes.count)
        for (writer, size) in sizes.enumerated() {
            let thread = Thread {
                defer { writers.subtract(1, ordering: .releasing) }
                for round in 0..<(size == 1 ? 600 : 8) {
                    var batch = WriteBatch()
                    for number in 0..<size {
                        batch.put(table.id, Self.key(table, writer, number), [UInt8(round % 250)])
                    }
                    do {
                        try engine.writeBlocking(batch)
                    } catch {
                        Issue.record(error)
                    }
                }
            }
            thread.start()
        }
        while writers.load(ordering: .acquiring) > 0 {
            let values = try engine.readBlocking { view throws(EngineError) in
                let first = try view.get(table.id, Self.key(table, 0, 0))
                let last = try view.get(table.id, Self.key(table, 0, sizes[0] - 1))
                return [first, last]
            }
            try #require(values[0] == values[1])
        }
        try engine.closeBlocking()
    }

    private static func key(_ table: EngineTable, _ writer: Int, _ number: Int) -> EntryKey {
        let sort = [UInt8(number >> 8), UInt8(number & 0xFF)]
        return table.key(partition: [UInt8(writer)], sort: sort)
    }
}
