internal import ShalePlatform
internal import ShaleTriggers
internal import Simulation

/// Histories of schedules: each time starts its target once and not before; what a server misses while it is away is
/// made up once, and nothing else is left out; one that was deleted starts nothing.
public struct ScheduleRun: HistoryRun {
    private var world: CrashingWorld
    /// How far ahead single times are, in seconds.
    private let span: Int
    private let cutAfter: Int
    private let book = ScheduleBook()
    private let made = Moments()

    private static let definitions = [
        OpenSchedules.machine:
            #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#
    ]

    /// Prepares the world of a seed, without what is left out.
    public init(
        seed: UInt64,
        without omissions: Omissions = Omissions(),
        keepsEvents: Bool = false
    ) {
        world = CrashingWorld(seed: seed, stream: 84, without: omissions)
        span = [10, 60, 300][world.generator.below(3)]
        cutAfter = [30, 100, 400][world.generator.below(3)]
    }

    /// What was done so far; its calls are those that make or delete schedules.
    public var counts: RunCounts {
        var counts = world.counts
        counts.batches = made.callCount
        return counts
    }

    /// What happened, as a number.
    public var traceHash: UInt64 { world.simulation.traceHash }

    /// None is kept.
    public var events: [String] { [] }

    /// Makes and deletes schedules, and crashes, until `count` crashes have happened; then waits until all single
    /// times are over.
    public mutating func run(cuts count: Int) throws {
        let machines = try ScriptedMachines(Self.definitions)
        let (book, span) = (book, span)
        try world.end { world in
            let open = try await OpenSchedules.open(world, machines, book, refusing: 0)
            try await open.open.close()
        }
        while world.counts.cuts < count {
            try live(machines)
            // The machine is off for a while.
            let away = [0, 5, 100][world.generator.below(3)]
            world.simulation.time.advance(by: .seconds(away))
        }
        let seed = world.generator.next()
        try world.end { world in
            let open = try await OpenSchedules.open(world, machines, book, refusing: seed)
            await world.pause(milliseconds: Int64(span) * 1_000 + 150_000)
            let now = world.time.wallMilliseconds
            // Nothing begins any more, and executions that have just begun end.
            for name in book.present { try await Self.delete(name, open.schedules) }
            await world.pause(milliseconds: 3_000)
            let starts = try await open.starts()
            try book.check(starts, at: now)
            try await open.open.close()
        }
    }

    private mutating func live(_ machines: ScriptedMachines) throws {
        let limit = world.limit(1 + world.generator.below(6))
        let seed = world.generator.next()
        let waits = Int64([1_000, 20_000, 200_000][world.generator.below(3)])
        let cut = world.counts.cuts
        let (book, span, made) = (book, span, made)
        try world.live(cutAfter: cutAfter) { life in
            let (world, end) = (life.world, life.end)
            let open = try await OpenSchedules.open(world, machines, book, refusing: seed)
            life.opened()
            var random = SimulatedGenerator(seed: seed)
            for number in 0..<limit {
                made.call()
                if random.oneIn(4) {
                    try await Self.delete(open.schedules, book, world, end, &random)
                } else {
                    let due = (world.time.wallMilliseconds / 1_000 + 2 + Int64(random.below(span)))
                    let kind: ScheduleBook.Kind =
                        random.oneIn(3) ? .eachMinute : .once(due * 1_000)
                    let name = "s\(cut)-\(number)"
                    let (endsWithItself, startsMachine) = (random.oneIn(2), random.oneIn(2))
                    book.begin(name, kind, at: world.time.wallMilliseconds)
                    try await end.hear {
                        try await open.create(
                            name,
                            kind,
                            endsWithItself: endsWithItself,
                            startsMachine: startsMachine
                        )
                    }
                    book.acknowledge(name)
                }
                try await world.pause(milliseconds: Int64(random.below(3_000)), in: end)
            }
            try await world.pause(milliseconds: waits, in: end)
        }
        world.counts.recoveries += 1
    }

    private static func delete(
        _ schedules: Schedules,
        _ book: ScheduleBook,
        _ world: World,
        _ end: LifeEnd,
        _ random: inout SimulatedGenerator
    ) async throws {
        let present = book.present
        guard !present.isEmpty else { return }
        let name = present[random.below(present.count)]
        book.beginDeleting(name)
        try await end.hear { try await delete(name, schedules) }
        book.acknowledgeDeleting(name, at: world.time.wallMilliseconds)
    }

    /// Deletes a schedule; one that has ended with itself is gone already.
    private static func delete(_ name: String, _ schedules: Schedules) async throws {
        do throws(ScheduleError) {
            try await schedules.delete(Schedules.defaultGroup, name)
        } catch {
            guard error.code == .notFound else { throw error }
        }
    }
}
