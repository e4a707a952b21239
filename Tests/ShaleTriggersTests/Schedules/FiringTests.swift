import ShaleItems
import ShalePlatform
@testable import ShaleTriggers
import Simulation
import Synchronization
import Testing

/// Schedules that fire, in a simulated world whose clock moves as the test says.
@Suite struct FiringTests {
    private static func scene(_ seed: UInt64 = 1) throws -> ScheduleScene {
        try ScheduleScene(SimulatedWorld(seed: seed))
    }

    @Test func `what is due once fires once, at its time, and stays`() throws {
        let scene = try Self.scene()
        let expression = scene.at(in: 30)
        let due = scene.now + 30_000
        try scene.create("once", expression)
        try scene.run(29)
        #expect(try scene.starts() == [])
        try scene.run(3_600)
        let starts = try scene.starts()
        #expect(starts.map(\.input) == [#"{"name": "once"}"#])
        #expect(starts.allSatisfy { 0...10 ~= $0.at - due })
        #expect(try scene.count(of: "$schedules") == 1)
        #expect(try scene.count(of: "$timers") == 0)
        try scene.stop()
    }

    @Test func `what is to end with itself is gone when it has fired`() throws {
        let scene = try Self.scene()
        try scene.create("once", scene.at(in: 30), ["ActionAfterCompletion": "DELETE"])
        try scene.create(
            "thrice",
            "rate(1 minute)",
            [
                "ActionAfterCompletion": "DELETE",
                "EndDate": try #require(Schedule.date(scene.now + 130_000)),
            ]
        )
        try scene.run(100)
        #expect(try scene.count(of: "$schedules") == 1)
        try scene.run(600)
        #expect(try scene.count(of: "$schedules") == 0)
        #expect(try scene.starts().count == 4)
        try scene.stop()
    }

    @Test func `a rate fires at once and then each time, a cron expression at its times`() throws {
        let scene = try Self.scene()
        let start = scene.now
        try scene.create("rate", "rate(5 minutes)")
        try scene.create("cron", "cron(0 * * * ? *)")
        try scene.run(3_700)
        let starts = try scene.starts()
        let rate = starts.filter { $0.input.contains("rate") }.map { ($0.at - start) / 1_000 }
        #expect(rate == (0...12).map { $0 * 300 })
        let hours = starts.filter { $0.input.contains("cron") }.map { $0.at / 1_000 % 3_600 }
        #expect(hours == [0])
        try scene.stop()
    }

    @Test func `however many were missed while nobody ran, one fires at the start`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let first = try ScheduleScene(simulation)
        try first.create("rate", "rate(5 minutes)")
        let due = first.now + 30_000
        try first.create("once", first.at(in: 30))
        try first.run(1)
        #expect(try first.starts().count == 1)
        simulation.crash()
        simulation.time.advance(by: .seconds(36_000))
        let second = try ScheduleScene(simulation)
        try second.run(1)
        #expect(try second.starts().count == 3)
        #expect(second.now > due)
        try second.run(300)
        #expect(try second.starts().count == 4)
        try second.stop()
    }

    @Test func `what was missed and is older than an event may be does not fire`() throws {
        let simulation = SimulatedWorld(seed: 3)
        let first = try ScheduleScene(simulation)
        try first.create(
            "daily",
            "rate(1 day)",
            ["Target": .map(first.target(["MaximumEventAgeInSeconds": 60]))]
        )
        try first.run(1)
        simulation.crash()
        simulation.time.advance(by: .seconds(3 * 86_400 + 3_600))
        let second = try ScheduleScene(simulation)
        try second.run(10)
        #expect(try second.starts().count == 1)
        try second.run(86_400)
        #expect(try second.starts().count == 2)
        try second.stop()
    }

    /// One that is exactly as old as it may be still fires.
    @Test(arguments: [(59, 2), (61, 1)])
    func `the age counts from the scheduled time`(seconds: Int, starts: Int) throws {
        let simulation = SimulatedWorld(seed: 4)
        let first = try ScheduleScene(simulation)
        try first.create(
            "hourly",
            "rate(1 hour)",
            ["Target": .map(first.target(["MaximumEventAgeInSeconds": 60]))]
        )
        try first.run(1)
        simulation.crash()
        simulation.time.advance(by: .seconds(3_600 + seconds - 2))
        let second = try ScheduleScene(simulation)
        try second.run(10)
        #expect(try second.starts().count == starts)
    }

    @Test func `in a window it fires some time, each time another`() throws {
        let scene = try Self.scene(5)
        let start = scene.now
        try scene.create(
            "wide",
            "rate(1 hour)",
            ["FlexibleTimeWindow": ["Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15]]
        )
        try scene.run(10 * 3_600 - 1)
        let offsets = try scene.starts().map { ($0.at - start) % 3_600_000 / 1_000 }
        #expect(offsets.count == 10)
        #expect(offsets.allSatisfy { 0...900 ~= $0 })
        #expect(Set(offsets).count > 5)
        try scene.stop()
    }

    @Test func `a target that refuses is tried again, and told which attempt it is`() throws {
        let scene = try Self.scene()
        scene.target.refusals.withLock { $0 = 3 }
        let input =
            #"{"try": <aws.scheduler.attempt-number>, "at": "<aws.scheduler.scheduled-time>"}"#
        try scene.create(
            "stubborn",
            "at(2026-01-01T00:01:00)",
            [
                "Target": .map(scene.target([:], input: input)),
                "ActionAfterCompletion": "DELETE",
            ]
        )
        try scene.run(64)
        #expect(scene.target.refused.withLock { $0.count } == 3)
        #expect(try scene.starts() == [])
        #expect(try scene.count(of: "$schedules") == 1)
        try scene.run(10)
        #expect(
            try scene.starts().map(\.input) == [#"{"try": 4, "at": "2026-01-01T00:01:00Z"}"#]
        )
        #expect(try scene.count(of: "$schedules") == 0)
        try scene.stop()
    }

    @Test(
        arguments: [
            (["MaximumRetryAttempts": 0], 1), (["MaximumRetryAttempts": 2], 3),
            // After 1, 2, 4, 8, 16 seconds; the next wait would end behind a minute.
            (["MaximumEventAgeInSeconds": 60], 6),
        ] as [(Item, Int)]
    )
    func `it is given up after so many attempts, or so late`(policy: Item, attempts: Int) throws {
        let scene = try Self.scene()
        scene.target.refusals.withLock { $0 = 100 }
        try scene.create(
            "lost",
            scene.at(in: 5),
            ["Target": .map(scene.target(policy)), "ActionAfterCompletion": "DELETE"]
        )
        try scene.run(3_600)
        #expect(scene.target.refused.withLock { $0.count } == attempts)
        #expect(try scene.count(of: "$schedules") == 0)
        #expect(try scene.count(of: "$timers") == 0)
        try scene.stop()
    }

    @Test func `one whose target this server does not run waits for a server that does`() throws {
        let simulation = SimulatedWorld(seed: 6)
        let first = try ScheduleScene(simulation)
        try first.create("once", first.at(in: 5), ["ActionAfterCompletion": "DELETE"])
        try first.stop()
        let second = try ScheduleScene(simulation, runsTarget: false)
        try second.run(3_600)
        #expect(try second.count(of: "$schedules") == 1)
        try second.stop()
        let third = try ScheduleScene(simulation)
        try third.run(1)
        #expect(try third.starts().count == 1)
        #expect(try third.count(of: "$schedules") == 0)
        try third.stop()
    }

    @Test func `one that is switched off does not fire, and what it missed so is not made up`()
        throws
    {
        let scene = try Self.scene()
        let minutes = "cron(* * * * ? *)"
        try scene.create("off", minutes, ["State": "DISABLED"])
        // To the middle of a minute.
        try scene.run(Int(600 + 30 - scene.now / 1_000 % 60))
        #expect(try scene.starts() == [])
        let given = scene.given("off", minutes)
        _ = try scene.simulation.runTask { try await scene.schedules.update(given) }
        try scene.run(20)
        #expect(try scene.starts() == [])
        try scene.run(60)
        #expect(try scene.starts().count == 1)
        try scene.stop()
    }

    @Test func `one that is changed or deleted does not fire as it was`() throws {
        let scene = try Self.scene()
        try scene.create("changed", scene.at(in: 60))
        try scene.create("deleted", scene.at(in: 60))
        let given = scene.given("changed", scene.at(in: 120))
        try scene.simulation.runTask {
            _ = try await scene.schedules.update(given)
            try await scene.schedules.delete("default", "deleted")
        }
        #expect(try scene.count(of: "$timers") == 1)
        try scene.run(90)
        #expect(try scene.starts() == [])
        try scene.run(60)
        #expect(try scene.starts().map(\.input) == [#"{"name": "changed"}"#])
        try scene.stop()
    }

    @Test func `an update that keeps a rate's expression keeps its times`() throws {
        let scene = try Self.scene()
        let start = scene.now
        try scene.create("rate", "rate(10 minutes)")
        try scene.run(400)
        let given = scene.given("rate", "rate(10 minutes)", ["Description": "changed"])
        _ = try scene.simulation.runTask { try await scene.schedules.update(given) }
        try scene.run(300)
        #expect(try scene.starts().map { ($0.at - start) / 1_000 } == [0, 600])
        let faster = scene.given("rate", "rate(1 minute)")
        let changed = scene.now
        _ = try scene.simulation.runTask { try await scene.schedules.update(faster) }
        try scene.run(70)
        #expect(try scene.starts().dropFirst(2).map { ($0.at - changed) / 1_000 } == [60])
        try scene.stop()
    }

    /// Each minute for ten minutes, while the power fails again and again.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `whatever the power cuts, each time fires once`(seed: UInt64) throws {
        let simulation = SimulatedWorld(seed: seed)
        var scene = try ScheduleScene(simulation)
        try scene.create("steady", "cron(0-9 1 1 1 ? 2026)")
        let input = #"{"at": "<aws.scheduler.scheduled-time>"}"#
        let given = scene.given(
            "steady",
            "cron(0-9 1 1 1 ? 2026)",
            ["Target": .map(scene.target([:], input: input))]
        )
        _ = try simulation.runTask { [scene] in try await scene.schedules.update(given) }
        while scene.now < ScheduleMoments.utc("2026-01-01T01:00:00") - 30_000 { try scene.run(10) }
        for cut in 0..<30 {
            // Just around whole minutes, where something happens.
            let rest = 60_000 - scene.now % 60_000
            try simulation.scheduler.run(
                for: .milliseconds(max(1, rest + Int64(cut % 5) - 2)),
                maximumSteps: .max - 1
            )
            try simulation.scheduler.run(for: .microseconds(Int(seed) * 400 + 10))
            simulation.crash()
            scene = try ScheduleScene(simulation)
        }
        try scene.run(60)
        let inputs = try scene.starts().map(\.input)
        #expect(Set(inputs).count == 10)
        #expect(inputs.count == 10)
        try scene.stop()
    }
}
