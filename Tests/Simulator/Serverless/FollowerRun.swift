internal import ShalePlatform
internal import ShaleTables
internal import Simulation

/// Histories of a follower that counts: after each crash it goes on with the changes whose writes are not there, and with
/// no others, so that its counts are exact.
public struct FollowerRun: HistoryRun {
    private var world: CrashingWorld
    private let writers: Int
    private let batchSize: Int
    /// Of so many calls of the follower one fails.
    private let failsOneIn: Int
    private let cutAfter: Int
    private let written = Moments()

    /// Prepares the world of a seed, without what is left out.
    public init(
        seed: UInt64,
        without omissions: Omissions = Omissions(),
        keepsEvents: Bool = false
    ) {
        world = CrashingWorld(seed: seed, stream: 81, without: omissions)
        writers = 1 + world.generator.below(3)
        batchSize = [1, 3, 20, 100][world.generator.below(4)]
        let part = [3, 20, .max][world.generator.below(3)]
        failsOneIn = omissions.names.contains(Omissions.faults) ? .max : part
        cutAfter = [60, 300, 1_000][world.generator.below(3)]
    }

    /// What was done so far; its calls are writes of songs.
    public var counts: RunCounts {
        var counts = world.counts
        counts.batches = written.callCount
        return counts
    }

    /// What happened, as a number.
    public var traceHash: UInt64 { world.simulation.traceHash }

    /// None is kept.
    public var events: [String] { [] }

    /// Writes while the follower counts, and crashes, until `count` crashes have happened; then compares.
    public mutating func run(cuts count: Int) throws {
        try world.end { world in
            let database = try await Self.open(world)
            try await CountedSongs.make(in: database)
            try await database.close()
        }
        while world.counts.cuts < count {
            try live()
            if world.generator.oneIn(4) { try compare() }
        }
        try compare()
    }

    private static func open(_ world: World) async throws(DatabaseError) -> Database {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        return try await Database.open("db", options, in: world)
    }

    private mutating func live() throws {
        let limit = world.limit(300)
        let random = SimulatedGenerator(seed: world.generator.next())
        let (writers, batchSize, part) = (writers, batchSize, failsOneIn)
        let written = written
        try world.live(cutAfter: cutAfter) { life in
            let database = try await Self.open(life.world)
            let tables = try CountedSongs(database)
            life.opened()
            var options = FollowOptions()
            options.batchSize = batchSize
            try await tables.songs.follow(
                as: "counts",
                options,
                calling: tables.follower(random, failsOneIn: part)
            )
            try await withThrowingTaskGroup { group in
                for writer in 0..<writers {
                    var own = random
                    for _ in 0..<writer { _ = own.next() }
                    let seed = own.next()
                    group.addTask {
                        try await Self.write(limit, tables, SimulatedGenerator(seed: seed), written)
                    }
                }
                try await group.waitForAll()
            }
        }
        world.counts.recoveries += 1
    }

    private static func write(
        _ limit: Int,
        _ tables: CountedSongs,
        _ random: SimulatedGenerator,
        _ written: Moments
    ) async throws {
        var random = random
        for _ in 0..<limit {
            written.call()
            let song = CountedSongs.song(random.below(3), random.below(40))
            if random.oneIn(3) {
                try await tables.songs.delete(song)
            } else {
                try await tables.songs.put(song)
            }
        }
    }

    /// Lets the follower come to the end of what is there, in a life that nothing disturbs.
    private mutating func compare() throws {
        let batchSize = batchSize
        try world.end { world in
            let database = try await Self.open(world)
            let tables = try CountedSongs(database)
            var options = FollowOptions()
            options.batchSize = batchSize
            let follower = try await tables.songs.follow(
                as: "counts",
                options,
                calling: tables.follower(SimulatedGenerator(seed: 0), failsOneIn: .max)
            )
            guard await follower.caughtUp() else { throw Failure("the follower has ended") }
            try await tables.check()
            try await database.close()
        }
    }
}
