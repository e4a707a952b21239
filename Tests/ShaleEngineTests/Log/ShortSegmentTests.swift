import ShaleEngine
import ShalePlatform
import Simulation
import Testing

/// A segment has its whole length before the manifest names it: one that is shorter has lost something.
struct ShortSegmentTests {
    @Test(arguments: [0, 100, 4096, 5000, 1_000_000])
    func `a segment of the log that was cut off is damage, not the end of the log`(
        size: Int
    ) throws {
        let simulation = SimulatedWorld(seed: 5)
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        for index in 0..<10 {
            try simulation.runTask {
                var batch = WriteBatch()
                batch.put(table.id, table.key(partition: [UInt8(index)]), [1, 2, 3])
                _ = try await engine.write(batch)
            }
        }
        simulation.crash(leftovers: .runIntoErrors)
        let whole = try simulation.disk.contents("db/000001.log")
        simulation.disk.place("db/000001.log", Array(whole.prefix(size)))
        let error = #expect(throws: EngineError.self) {
            try Engine.openBlocking("db", access: .readOnly, in: simulation.world).abandon()
        }
        #expect(error?.code == .corrupted && error?.file == "000001.log" && error?.offset == size)
    }

    @Test(arguments: [false, true])
    func `a spare that was cut off or removed is made anew before it is used`(
        isRemoved: Bool
    ) throws {
        let simulation = SimulatedWorld(seed: 5)
        for life in 0..<4 {
            let world = simulation.world
            let engine = try simulation.runTask { try await Engine.open("db", in: world) }
            if life == 0 { _ = try simulation.runTask { try await engine.createTable() } }
            let table = engine.tables[0]
            #expect(try simulation.runTask { try engine.contents(of: table).count } == life)
            try simulation.runTask {
                var batch = WriteBatch()
                batch.put(table.id, table.key(partition: [UInt8(life)]), [1, 2, 3])
                _ = try await engine.write(batch)
                if life == 1 { try await engine.flush() }
            }
            if life == 1 { #expect(engine.statistics.spareLogSizeBytes > 0) }
            simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
            // The first life's segment, which the second one's flush has freed.
            guard life == 1 else { continue }
            simulation.disk.place("db/000001.log", [0, 0, 0])
            if isRemoved { try simulation.files.remove("db/000001.log") }
        }
    }

    @Test func `a segment whose first pages are lost is damage, not one that was never used`()
        throws
    {
        let simulation = SimulatedWorld(seed: 5)
        let world = simulation.world
        let engine = try simulation.runTask { try await Engine.open("db", in: world) }
        let table = try simulation.runTask { try await engine.createTable() }
        for index in 0..<10 {
            try simulation.runTask {
                var batch = WriteBatch()
                batch.put(table.id, table.key(partition: [UInt8(index)]), [1, 2, 3])
                _ = try await engine.write(batch)
            }
        }
        simulation.crash(.keepUnsynced, leftovers: .runIntoErrors)
        var bytes = try simulation.disk.contents("db/000001.log")
        bytes.replaceSubrange(0..<8192, with: repeatElement(0, count: 8192))
        simulation.disk.place("db/000001.log", bytes)
        let error = #expect(throws: EngineError.self) {
            try Engine.openBlocking("db", access: .readOnly, in: simulation.world).abandon()
        }
        #expect(error?.code == .corrupted && error?.file == "000001.log" && error?.offset == 0)
    }
}
