import ShaleItems
import ShalePlatform
import ShaleTables
import Simulation
import Testing

/// A materialised view by a follower, while the power is cut again and again.
struct FollowerCrashTests {
    private static func open(_ simulation: SimulatedWorld) throws -> Database {
        let world = simulation.world
        return try simulation.runTask { try await Database.open("db", in: world) }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `counts are exact after the power was cut five times under load`(seed: UInt64) throws {
        let simulation = SimulatedWorld(seed: seed)
        var generator = SimulatedGenerator(seed: seed, stream: 7)
        var database = try Self.open(simulation)
        // The tables are there before the first cut.
        _ = try simulation.runTask { [database] in try await Counting.tables(database) }
        for life in 0..<5 {
            simulation.disk.cutPower(afterOperations: 50 + generator.below(800))
            let writer = simulation.startTask { [database] in
                var own = SimulatedGenerator(seed: seed, stream: UInt64(20 + life))
                let (songs, counts) = try await Counting.tables(database)
                var options = FollowOptions()
                options.batchSize = 1 + own.below(20)
                try await songs.follow(
                    as: "counts",
                    options,
                    calling: Counting.handler(into: counts)
                )
                for _ in 0..<300 {
                    let song = Counting.song("\(own.below(3))", "\(own.below(40))")
                    if own.oneIn(3) {
                        try await songs.delete(song)
                    } else {
                        try await songs.put(song)
                    }
                }
            }
            try simulation.run(until: { simulation.disk.isPowerCut || writer.isFinished })
            simulation.crash(leftovers: .runIntoErrors)
            database = try Self.open(simulation)
        }
        let (different, isCaughtUp) = try simulation.runTask { [database] in
            let (songs, counts) = try await Counting.tables(database)
            let follower = try await songs.follow(
                as: "counts",
                calling: Counting.handler(into: counts)
            )
            let isCaughtUp = await follower.caughtUp()
            return (try await Counting.differences(songs, counts), isCaughtUp)
        }
        #expect(isCaughtUp)
        #expect(different.isEmpty)
        try simulation.runTask { [database] in try await database.close() }
    }
}
