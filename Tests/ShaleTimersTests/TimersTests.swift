import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables
@testable import ShaleTimers
import Simulation
import Synchronization
import Testing

/// Timers of a simulated world, whose clock moves only as the test says.
@Suite struct TimersTests {
    /// What an owner was told, and when.
    private final class Told: Sendable {
        let all = Mutex<[(due: Int64, id: String, at: Int64)]>([])
        var ids: [String] { all.withLock { $0.map(\.id) } }

        func add(_ timer: Timer, _ world: World) {
            let now = world.time.wallMilliseconds
            all.withLock { $0.append((timer.name.due, timer.name.id, now)) }
        }
    }

    private static let owner = "tests"

    private static func timer(_ due: Int64, _ id: String) -> Timer {
        Timer(Timer.Name(owner: owner, due: due, id: id), note: ["id": .string(id)])
    }

    private static func open(
        _ simulation: SimulatedWorld
    ) throws -> (database: Database, timers: Timers, table: SystemTable) {
        let world = simulation.world
        return try simulation.runTask {
            var options = DatabaseOptions()
            options.housekeepingInterval = .zero
            let database = try await Database.open("db", options, in: world)
            let timers = try await Timers(database, world) { Issue.record("\($0)") }
            let table = try #require(database.existingSystemTable("$timers"))
            return (database, timers, table)
        }
    }

    private static func stored(_ simulation: SimulatedWorld, _ table: SystemTable) throws -> Int {
        try simulation.runTask { try await table.items(of: .string(owner)).count }
    }

    @Test func `timers are told at their times, in their order, and then gone`() throws {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        let (database, timers, table) = try Self.open(simulation)
        let told = Told()
        timers.register(Self.owner) { timer in
            told.add(timer, world)
            return .handled
        }
        let now = world.time.wallMilliseconds
        try simulation.runTask {
            try await timers.write(
                setting: [30, 10, 20].map { Self.timer(now + $0 * 1_000, "\($0)") }
            )
        }
        try simulation.scheduler.run(for: .seconds(15))
        #expect(told.ids == ["10"])
        #expect(try Self.stored(simulation, table) == 2)
        try simulation.scheduler.run(for: .seconds(20))
        #expect(told.ids == ["10", "20", "30"])
        #expect(told.all.withLock { $0.allSatisfy { 0...1 ~= $0.at - $0.due } })
        #expect(try Self.stored(simulation, table) == 0)
        try simulation.runTask {
            await timers.stop()
            try await database.close()
        }
    }

    @Test func `one that is cancelled is not told, and one set sooner comes sooner`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let world = simulation.world
        let (_, timers, table) = try Self.open(simulation)
        let told = Told()
        timers.register(Self.owner) { timer in
            told.add(timer, world)
            return .handled
        }
        let now = world.time.wallMilliseconds
        try simulation.runTask {
            try await timers.write(setting: [Self.timer(now + 5_000, "late")])
            try await timers.write(
                setting: [Self.timer(now + 2_000, "soon")],
                cancelling: [Self.timer(now + 5_000, "late").name]
            )
        }
        try simulation.scheduler.run(for: .seconds(10))
        #expect(told.ids == ["soon"])
        #expect(try Self.stored(simulation, table) == 0)
    }

    @Test func `what was due while nobody ran comes at once, in its order`() throws {
        let simulation = SimulatedWorld(seed: 3)
        let (_, timers, _) = try Self.open(simulation)
        let start = simulation.world.time.wallMilliseconds
        try simulation.runTask {
            try await timers.write(
                setting: [3, 1, 2].map { Self.timer(start + $0 * 1_000, "\($0)") }
            )
        }
        simulation.crash()
        simulation.time.advance(by: .seconds(60))
        let world = simulation.world
        let (_, again, _) = try Self.open(simulation)
        let told = Told()
        let opened = world.time.wallMilliseconds
        again.register(Self.owner, sideBySide: 1) { timer in
            told.add(timer, world)
            return .handled
        }
        try simulation.scheduler.run(for: .seconds(1))
        #expect(told.ids == ["1", "2", "3"])
        #expect(told.all.withLock { $0.allSatisfy { $0.at - opened < 100 } })
    }

    @Test func `a timer in a record of another layer is there with it, and is told`() throws {
        let simulation = SimulatedWorld(seed: 4)
        let world = simulation.world
        let (database, timers, _) = try Self.open(simulation)
        let told = Told()
        timers.register(Self.owner) { timer in
            told.add(timer, world)
            return .handled
        }
        let timer = Self.timer(world.time.wallMilliseconds + 1_000, "step")
        try simulation.runTask {
            let history = try await database.systemTable(
                "$history",
                key: KeySchema(partition: KeySchema.Attribute("id", .string))
            )
            var writes = timers.writes(setting: [timer])
            writes.put(["id": "run"], in: history)
            try await database.write(writes)
            #expect(try await history.item(["id": "run"]) != nil)
            timers.wrote(setting: [timer])
        }
        try simulation.scheduler.run(for: .seconds(2))
        #expect(told.ids == ["step"])
    }

    @Test func `one whose owner wants it again comes again, and one deleted by its owner is gone`()
        throws
    {
        let simulation = SimulatedWorld(seed: 5)
        let world = simulation.world
        let (_, timers, table) = try Self.open(simulation)
        let told = Told()
        timers.register(Self.owner) { timer in
            told.add(timer, world)
            guard told.ids.count == 3 else { return .again(after: 2_000) }
            do {
                try await timers.write(cancelling: [timer.name])
            } catch {
                Issue.record(error)
            }
            return .deleted
        }
        let due = world.time.wallMilliseconds + 1_000
        try simulation.runTask { try await timers.write(setting: [Self.timer(due, "a")]) }
        try simulation.scheduler.run(for: .seconds(30))
        #expect(told.all.withLock { $0.map { ($0.at - due) / 1_000 } } == [0, 2, 4])
        #expect(try Self.stored(simulation, table) == 0)
        #expect(timers.countInMemory == 0)
    }

    @Test func `many wait on the disk and few in memory, and all are told`() throws {
        let simulation = SimulatedWorld(seed: 6)
        let world = simulation.world
        let (_, timers, table) = try Self.open(simulation)
        let told = Told()
        let start = world.time.wallMilliseconds
        let count = 3 * TimerLimits.window
        timers.register(Self.owner) { timer in
            told.add(timer, world)
            return .handled
        }
        for first in stride(from: 0, to: count, by: 1_024) {
            try simulation.runTask {
                try await timers.write(
                    setting: (first..<first + 1_024).map {
                        Self.timer(start + 600_000 + Int64($0), "\($0)")
                    }
                )
            }
            #expect(timers.countInMemory <= 2 * TimerLimits.window)
        }
        #expect(told.ids.isEmpty)
        try simulation.scheduler.run(for: .seconds(700), maximumSteps: .max - 1)
        #expect(Set(told.ids).count == count)
        #expect(told.ids.count == count)
        #expect(try Self.stored(simulation, table) == 0)
    }

    @Test func `a time of day that is set on is noticed`() throws {
        let simulation = SimulatedWorld(seed: 7)
        let world = simulation.world
        let (_, timers, _) = try Self.open(simulation)
        let told = Told()
        timers.register(Self.owner) { timer in
            told.add(timer, world)
            return .handled
        }
        let due = world.time.wallMilliseconds + 3_600_000
        try simulation.runTask { try await timers.write(setting: [Self.timer(due, "a")]) }
        try simulation.scheduler.run(for: .seconds(1))
        simulation.time.jumpWall(byMilliseconds: 3_600_000)
        try simulation.scheduler.run(for: .seconds(11))
        #expect(told.ids == ["a"])
    }
}
