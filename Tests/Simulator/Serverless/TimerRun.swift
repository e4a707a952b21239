internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleTimers
internal import Simulation

/// Histories of timers: each that was set is told at least once and never before its time, once in a life, and not any
/// more when it was cancelled in time.
public struct TimerRun: HistoryRun {
    private static let owner = "histories"

    private var world: CrashingWorld
    private let setters: Int
    /// How far ahead timers are set, milliseconds.
    private let span: Int
    private let cutAfter: Int
    private let book = TimerBook()
    private let written = Moments()

    /// Prepares the world of a seed, without what is left out.
    public init(
        seed: UInt64,
        without omissions: Omissions = Omissions(),
        keepsEvents: Bool = false
    ) {
        world = CrashingWorld(seed: seed, stream: 82, without: omissions)
        setters = 1 + world.generator.below(3)
        span = [20, 500, 20_000][world.generator.below(3)]
        cutAfter = [30, 150, 600][world.generator.below(3)]
    }

    /// What was done so far; its calls are timers.
    public var counts: RunCounts {
        var counts = world.counts
        counts.batches = written.callCount
        return counts
    }

    /// What happened, as a number.
    public var traceHash: UInt64 { world.simulation.traceHash }

    /// None is kept.
    public var events: [String] { [] }

    /// Sets and cancels timers, and crashes, until `count` crashes have happened; then waits until all are due.
    public mutating func run(cuts count: Int) throws {
        let (book, span) = (book, span)
        try world.end { world in
            let (database, timers) = try await Self.open(world, book, LifeEnd())
            await timers.stop()
            try await database.close()
        }
        while world.counts.cuts < count {
            try live()
            book.endLife()
            try book.check()
        }
        try world.end { world in
            let (database, timers) = try await Self.open(world, book, LifeEnd())
            await world.pause(milliseconds: Int64(span) + 10_000)
            try book.checkEnd()
            let table = database.existingSystemTable("$timers")
            let left = try await table?.items(of: .string(Self.owner)).count ?? 0
            guard left == 0, timers.countInMemory == 0 else {
                throw Failure("\(left) timers are left when all were told")
            }
            await timers.stop()
            try await database.close()
        }
        try book.check()
    }

    private static func open(
        _ world: World,
        _ book: TimerBook,
        _ end: LifeEnd
    ) async throws -> (database: Database, timers: Timers) {
        var options = DatabaseOptions()
        options.housekeepingInterval = .zero
        let database = try await Database.open("db", options, in: world)
        // What it reports it tries again; what does not succeed is never told.
        let timers = try await Timers(database, world) { _ in }
        timers.register(owner) { timer in
            // What a crash has cut off goes on for a while, and tells nobody.
            if !end.isOver { book.told(timer, at: world.time.wallMilliseconds) }
            return .handled
        }
        return (database, timers)
    }

    private mutating func live() throws {
        let limit = world.limit(40)
        let seeds = (0..<setters).map { _ in world.generator.next() }
        let (book, span, written) = (book, span, written)
        try world.live(cutAfter: cutAfter) { life in
            let (world, end) = (life.world, life.end)
            let (_, timers) = try await Self.open(world, book, end)
            life.opened()
            try await withThrowingTaskGroup { group in
                for seed in seeds {
                    let setter = TimerSetter(
                        timers: timers,
                        world: world,
                        book: book,
                        owner: Self.owner,
                        span: span,
                        end: end
                    )
                    group.addTask {
                        try await setter.run(limit, SimulatedGenerator(seed: seed), written)
                    }
                }
                try await group.waitForAll()
            }
            try await world.pause(milliseconds: Int64(span), in: end)
        }
        world.counts.recoveries += 1
    }
}

/// Sets timers, some at a time, and cancels some.
private struct TimerSetter: Sendable {
    let timers: Timers
    let world: World
    let book: TimerBook
    let owner: String
    let span: Int
    let end: LifeEnd

    func run(_ limit: Int, _ random: SimulatedGenerator, _ written: Moments) async throws {
        var random = random
        for _ in 0..<limit {
            written.call()
            if random.oneIn(4) {
                try await cancel(&random)
            } else {
                try await set(&random)
            }
            guard random.oneIn(3) else { continue }
            try await world.pause(milliseconds: Int64(random.below(span / 4)), in: end)
        }
    }

    private func set(_ random: inout SimulatedGenerator) async throws {
        var new: [Timer] = []
        for _ in 0...random.below(3) {
            let due = world.time.wallMilliseconds + Int64(random.below(span))
            let id = "t\(random.next())"
            let note: Item = ["of": .string(id)]
            new.append(Timer(Timer.Name(owner: owner, due: due, id: id), note: note))
        }
        book.begin(new)
        try await end.hear { try await timers.write(setting: new) }
        book.acknowledge(new)
    }

    private func cancel(_ random: inout SimulatedGenerator) async throws {
        let pending = book.pending(from: world.time.wallMilliseconds + 1)
        guard !pending.isEmpty else { return }
        let name = pending[random.below(pending.count)]
        book.beginCancelling(name)
        try await end.hear { try await timers.write(cancelling: [name]) }
        book.acknowledgeCancelling(name, at: world.time.wallMilliseconds)
    }
}
