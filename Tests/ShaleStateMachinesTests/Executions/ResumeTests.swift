import OrderedCollections
import ShaleJSON
import ShalePlatform
import ShaleStates
import Simulation
import Testing

@testable import ShaleStateMachines

/// Executions that are taken up after a restart, while something else happens to them.
@Suite struct ResumeTests {
    /// Answers no call, or each.
    private struct Caller: TaskCaller {
        let isSilent: Bool

        func bucket(_: String) -> (any Bucket)? { nil }

        func call(_ task: OpenTask) async -> TaskOutcome {
            isSilent ? .later : .succeeded(.object(["done": .bool(true)]))
        }
    }

    private static func machines() throws -> TestMachines {
        let machines = TestMachines()
        try machines.add(
            "waits",
            #"""
            {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"Next":"T"},
            "T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:f","End":true}}}
            """#
        )
        return machines
    }

    /// It is in no list of those that have work when it is taken up, and has work when that is written.
    @Test func `work that begins while an execution is taken up is found behind the next crash`()
        throws
    {
        let machines = try Self.machines()
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(first, machines, Caller(isSilent: true))
            let (executions, key) = (test.executions, "waits:e")
            _ = try await executions.start(TestMachines.arn("waits"), name: "e")
            let record = try await executions.load(key, peeking: true).record
            let wait = try #require(record.timers.min { $0.value < $1.value }?.key)
            // While this one is written the next ones come, and are written together.
            executions.later(key) { _, _ in nil }
            await executions.resume(key)
            executions.later(key) { live, _ in
                live.forgetTimer(wait)
                return .timerFired(TimerID(wait))
            }
            await executions.pause(milliseconds: 1_000)
        }
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, Caller(isSilent: false))
            let end = try await test.ended("arn:aws:states:here:1:execution:waits:e")
            #expect(end.status == .succeeded)
            try await test.close()
        }
    }
}
