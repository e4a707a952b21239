import ShaleEngine
import ShalePlatform
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
}
