@testable import ShaleEngine
import ShalePlatform
import Testing

struct SplitSpaceTests {
    private func write(_ engine: Engine, _ table: EngineTable, below bound: [UInt8]?) throws {
        for number in 0..<2_000 {
            let key = table.key(partition: Array("\(number)".utf8))
            if let bound, !KeyOrder.isAscending(key.bytes, bound) { continue }
            var batch = WriteBatch()
            batch.put(table.id, key, [UInt8](repeating: UInt8(number % 251), count: 400))
            try engine.writeBlocking(batch, .buffered)
        }
        try engine.flushBlocking()
    }

    /// Both parts share the files at first; each lets go of those that have nothing of it, so that one
    /// part's merges give its share back while the other rests.
    @Test func `after a split one part does not keep the files of the other`() throws {
        let world = World.inMemory()
        defer { world.scheduler.shutDown() }
        var options = EngineOptions()
        options.compression = .none
        options.runFileSizeBytes = 64 * 1024
        let engine = try Engine.openBlocking("db", options, in: world)
        let table = try engine.createTableBlocking()
        // Twice, so that there is something to merge: a merge cuts its run into files of that size.
        try write(engine, table, below: nil)
        try write(engine, table, below: nil)
        try engine.compactBlocking()
        try #require(engine.statistics.runFileCount > 8)
        let whole = engine.statistics.runFileSizeBytes
        var middle = [UInt8](repeating: 0, count: 8)
        middle[0] = 0x80
        try engine.splitBlocking(table.id, at: EntryKey(bytes: middle))
        #expect(engine.statistics.partitions.count == 2)
        try write(engine, table, below: middle)
        try engine.compactBlocking()
        let partitions = engine.statistics.partitions
        #expect(partitions.map(\.runSizesBytes.count) == [1, 1])
        #expect(engine.statistics.runFileSizeBytes < whole * 12 / 10)
        #expect(
            try engine.readBlocking { view throws(EngineError) in
                var count = 0
                try view.scan(table.id, .all) { _, _ throws(EngineError) in
                    count += 1
                    return .continue
                }
                return count
            } == 2_000
        )
        try engine.closeBlocking()
        #expect(try Verification.run("db", in: world).isWhole)
    }
}
