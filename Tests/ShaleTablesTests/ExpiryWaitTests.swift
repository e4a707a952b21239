import ShaleItems
import ShalePlatform
@testable import ShaleTables
import Simulation
import Synchronization
import Testing

/// Requests beside a sweep of what has expired, on a simulated clock.
@Suite struct ExpiryWaitTests {
    /// The longest read and the longest synced write of another item while so many items expire, in nanoseconds.
    private static func longest(expired count: Int) throws -> (read: UInt64, write: UInt64) {
        let simulation = SimulatedWorld(seed: 7)
        let world = simulation.world
        let database = try simulation.runTask {
            let database = try await Database.open("db", limited(.unlimited), in: world)
            _ = try await database.createTable(Songs.request)
            try await database.updateTimeToLive("Songs", attributeName: "ends", isEnabled: true)
            let end = AttributeValue.number(Number(simulation.time.wallMilliseconds / 1_000 + 60))
            for number in 0..<count {
                var song = Songs.song("gone", "\(number)", genre: "Soul")
                song["ends"] = end
                try await database.put(song)
            }
            try await database.put(Songs.song("Nina", "Sinnerman"))
            return database
        }
        simulation.time.advance(by: .seconds(120))
        let found = Mutex((read: UInt64(0), write: UInt64(0)))
        let isSwept = Atomic(false)
        let results = try simulation.runTasks(2) { task in
            if task == 0 {
                await database.keepHouse()
                isSwept.store(true, ordering: .relaxed)
                return
            }
            var number = 0
            while number < 50 || !isSwept.load(ordering: .relaxed) {
                number += 1
                let begin = simulation.time.monotonicNanoseconds
                _ = try await database.get(Songs.key("Nina", "Sinnerman"))
                let middle = simulation.time.monotonicNanoseconds
                try await database.put(Songs.song("Nina", "\(number)"))
                let end = simulation.time.monotonicNanoseconds
                found.withLock {
                    $0 = (max($0.read, middle - begin), max($0.write, end - middle))
                }
            }
        }
        for result in results { try result.get() }
        try simulation.runTask {
            #expect(try await database.get(Songs.key("gone", "0")) == nil)
            try await database.close()
        }
        return found.withLock { $0 }
    }

    @Test func `who reads or writes does not wait for thousands of items that expire meanwhile`()
        throws
    {
        let alone = try Self.longest(expired: 0)
        let beside = try Self.longest(expired: 3_000)
        #expect(beside.read <= 2 * alone.read, "\(beside.read) of \(alone.read) ns")
        #expect(beside.write <= 2 * alone.write, "\(beside.write) of \(alone.write) ns")
    }
}
