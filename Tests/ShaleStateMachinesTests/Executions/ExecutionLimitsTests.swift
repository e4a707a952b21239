import ShaleStates
import Simulation
import Testing

@testable import ShaleStateMachines

/// How long an execution may take, and how much it may have under way.
@Suite struct ExecutionLimitsTests {
    private static let definitions: [String: String] = [
        "activity":
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:here:1:activity:a","End":true}}}"#,
        "limited":
            #"{"TimeoutSeconds":60,"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:here:1:activity:a","End":true}}}"#,
        "later":
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"W"},"W":{"Type":"Wait","Seconds":1,"End":true}}}"#,
    ]

    private func run(
        stateLimitBytes: Int = ExecutionStore.stateLimitBytes,
        _ body: @escaping @Sendable (TestExecutions) async throws -> Void
    ) throws {
        let simulation = SimulatedWorld(seed: 1)
        let machines = TestMachines()
        for (name, definition) in Self.definitions { try machines.add(name, definition) }
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(
                world,
                machines,
                TestCaller(),
                stateLimitBytes: stateLimitBytes
            )
            try await body(test)
            try await test.close()
        }
    }

    /// That it ends then is shown by a server with a virtual clock (`clock_tests.py`).
    @Test func `an execution has a year`() throws {
        try run { test in
            _ = try await test.executions.start(TestMachines.arn("activity"), name: "e")
            let record = try await test.executions.load("activity:e", peeking: true).record
            #expect(record.timers == [1: record.start + 365 * 86_400_000])
        }
    }

    @Test func `a virtual clock does not go on to the years of executions`() throws {
        try run { test in
            for _ in 0..<3 { _ = try await test.executions.start(TestMachines.arn("activity")) }
            #expect(try await test.executions.nextTime() == nil)
            let start = test.executions.now
            _ = try await test.executions.start(TestMachines.arn("limited"))
            let limit = Executions.NextTime(due: start + 60_000, isLimit: true)
            #expect(try await test.executions.nextTime() == limit)
        }
    }

    @Test func `an execution whose history is full is not taken up again`() throws {
        try run { test in
            let arn = try await test.executions.start(TestMachines.arn("activity"), name: "e").arn
            _ = try await test.executions.stop(arn)
            var record = try await test.executions.load("activity:e", peeking: true).record
            let now = test.executions.now
            #expect(Executions.obstacle(to: record, at: now) == nil)
            record.cause = ExecutionState.historyFullCause
            #expect(Executions.obstacle(to: record, at: now)?.contains("history") == true)
        }
    }

    @Test func `a worker whom nobody needs waits for a minute`() throws {
        try run { test in
            let activity = "arn:aws:states:here:1:activity:a"
            let before = test.executions.now
            let task = try await test.executions.activityTask(activity, worker: "w")
            #expect(task == nil)
            #expect((60_000...61_000).contains(test.executions.now - before))
        }
    }

    @Test func `a machine's own limit is the shorter one`() throws {
        try run { test in
            let arn = try await test.executions.start(TestMachines.arn("limited")).arn
            await test.executions.pause(milliseconds: 61_000)
            #expect(try await test.executions.describe(arn).status == .timedOut)
        }
    }

    @Test func `a state that is too large for a record ends the execution`() throws {
        let text = String(repeating: "x", count: 3_000)
        try run(stateLimitBytes: 2_000) { test in
            let small = try await test.executions.start(TestMachines.arn("later"), input: "{}").arn
            let large = try await test.executions.start(
                TestMachines.arn("later"),
                input: #"{"t":"\#(text)"}"#
            ).arn
            #expect(try await test.ended(small).status == .succeeded)
            let end = try await test.ended(large)
            #expect(end.status == .failed)
            #expect(end.error == "States.DataLimitExceeded")
            #expect(try await test.types(large).last == "ExecutionFailed")
        }
    }
}
