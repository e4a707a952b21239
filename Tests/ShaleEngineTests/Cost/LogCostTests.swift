import ShalePlatform
import Simulation
import Testing

@testable import ShaleEngine

/// What a write costs in syncs and in bytes of log.
struct LogCostTests {
    private struct Opened {
        let simulation: SimulatedWorld
        let files: CountingFiles
        let engine: Engine
        let table: EngineTable

        init() throws {
            simulation = SimulatedWorld(seed: 11)
            var world = simulation.world
            files = CountingFiles(world.files)
            world.files = files
            let handed = world
            (engine, table) = try simulation.runTask {
                let engine = try await Engine.open("db", EngineOptions(), in: handed)
                return (engine, try await engine.createTable())
            }
        }

        func batch(_ number: Int, valueBytes: Int = 400) -> WriteBatch {
            var batch = WriteBatch()
            let key = table.key(partition: [UInt8](repeating: 7, count: 12), sort: [UInt8(number)])
            batch.put(table.id, key, [UInt8](repeating: 1, count: valueBytes))
            return batch
        }

        /// What goes to the log while `body` runs.
        func traffic(_ body: @escaping @Sendable () async throws -> Void) throws -> LogTraffic {
            let before = files.counted
            try simulation.runTask(body)
            let after = files.counted
            return LogTraffic(
                writtenBytes: after.writtenBytes - before.writtenBytes,
                syncs: after.syncs - before.syncs
            )
        }
    }

    @Test func `a synced put by itself is one page and one sync`() throws {
        let opened = try Opened()
        for number in 0..<20 {
            let (engine, batch) = (opened.engine, opened.batch(number))
            let traffic = try opened.traffic { try await engine.write(batch, .synced) }
            #expect(traffic.syncs == 1)
            #expect(traffic.writtenBytes == LogRecordFormat.pageSize)
        }
    }

    @Test(arguments: [2, 16, 64])
    func `writes that wait together are one sync`(count: Int) throws {
        let opened = try Opened()
        let engine = opened.engine
        let batches = (0..<count).map { opened.batch($0) }
        let traffic = try opened.traffic {
            var end = LogPosition.zero
            for batch in batches {
                let staged = try await engine.stage(owning: []) { _ in (batch, ()) }
                end = max(end, staged.position)
            }
            try await engine.settle(end)
        }
        #expect(traffic.syncs == 1)
        let page = LogRecordFormat.pageSize
        let records = count * LogGroup.sizeBytes(payload: batches[0].bytes.count + 1)
        #expect(traffic.writtenBytes == (records + page - 1) / page * page)
    }

    @Test func `tasks that write at once share syncs`() throws {
        let opened = try Opened()
        let engine = opened.engine
        let batches = (0..<64).map { opened.batch($0) }
        let traffic = try opened.traffic {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for batch in batches { group.addTask { try await engine.write(batch, .synced) } }
                try await group.waitForAll()
            }
        }
        // While one group is written the next gathers; the first may be a single write.
        #expect(traffic.syncs <= 8)
    }

    @Test func `a buffered put waits for no sync`() throws {
        let opened = try Opened()
        let (engine, batches) = (opened.engine, (0..<20).map { opened.batch($0) })
        let traffic = try opened.traffic {
            for batch in batches { try await engine.write(batch, .buffered) }
        }
        #expect(traffic.syncs == 0)
    }

    @Test(arguments: [(100, 0.8), (400, 0.2), (1024, 0.08)])
    func `the log is little more than what users write`(valueBytes: Int, most: Double) throws {
        let opened = try Opened()
        let (engine, batch) = (opened.engine, opened.batch(1, valueBytes: valueBytes))
        let lane = try engine.lane()
        let before = lane.tail
        _ = try opened.traffic {
            for _ in 0..<100 { try await engine.write(batch, .buffered) }
        }
        let user = Double(100 * (12 + 1 + valueBytes))
        let log = Double(lane.tail.rawValue - before.rawValue)
        #expect(log / user - 1 < most)
    }
}
