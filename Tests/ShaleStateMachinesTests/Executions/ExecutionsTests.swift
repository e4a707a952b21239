import ShaleJSON
import ShalePlatform
import ShaleStates
import ShaleTables
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines

/// Executions in a database of the simulated world: started, waited for, told, stopped.
@Suite struct ExecutionsTests {
    private static let definitions: [String: String] = [
        "pass":
            #"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","End":true}}}"#,
        "wait": #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#,
        "call":
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:ok","End":true}}}"#,
        "fail":
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:fail","Retry":[{"ErrorEquals":["Odd"],"MaxAttempts":2,"IntervalSeconds":1}],"End":true}}}"#,
        "token":
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","Parameters":{"FunctionName":"f","Payload":{"t.$":"$$.Task.Token"}},"HeartbeatSeconds":100,"End":true}}}"#,
        "activity":
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:here:1:activity:a","End":true}}}"#,
        "gone":
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:here:1:activity:gone","End":true}}}"#,
        "nested":
            #"{"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","Parameters":{"StateMachineArn":"arn:aws:states:here:1:stateMachine:pass","Input":{"x":1}},"OutputPath":"$.Output","End":true}}}"#,
        "many":
            #"{"StartAt":"M","States":{"M":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},"Parameters":{"Bucket":"b","Key":"in.csv"}},"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:ok","End":true}}},"MaxConcurrency":5,"Label":"L","ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"out"}},"End":true}}}"#,
        "loop":
            #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"L"},"L":{"Type":"Pass","Parameters":{"v.$":"$.v","n.$":"States.MathAdd($.n,1)"},"Next":"C"},"C":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericLessThan":300,"Next":"L"}],"Default":"E"},"E":{"Type":"Pass","OutputPath":"$.n","End":true}}}"#,
        "nested-wait":
            #"{"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync","Parameters":{"StateMachineArn":"arn:aws:states:here:1:stateMachine:wait","Name":"child","Input":{}},"End":true}}}"#,
    ]

    private static func machines() throws -> TestMachines {
        let machines = TestMachines()
        for (name, definition) in definitions { try machines.add(name, definition) }
        try machines.add("express", try #require(definitions["pass"]), .express)
        return machines
    }

    private func run(
        _ body: @escaping @Sendable (TestExecutions, TestCaller) async throws -> Void
    ) throws {
        let simulation = SimulatedWorld(seed: 1)
        let machines = try Self.machines()
        let caller = TestCaller()
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, caller)
            try await body(test, caller)
            try await test.close()
        }
    }

    @Test(
        arguments: [
            ("pass", ExecutionStatus.succeeded, #"{"in":1}"#),
            ("call", .succeeded, #"{"got":{"in":1}}"#),
            ("fail", .failed, nil), ("wait", .succeeded, #"{"in":1}"#),
            ("nested", .succeeded, #"{"x":1}"#),
        ] as [(String, ExecutionStatus, String?)]
    )
    func `an execution ends as its machine says`(
        name: String,
        status: ExecutionStatus,
        output: String?
    ) throws {
        try run { test, _ in
            let arn = try await test.executions.start(TestMachines.arn(name), input: #"{"in":1}"#)
                .arn
            let end = try await test.ended(arn)
            #expect(end.status == status)
            #expect(end.output == output)
            #expect(end.error == (status == .failed ? "Odd" : nil))
        }
    }

    @Test func `a task of an activity that is not there fails`() throws {
        try run { test, _ in
            let arn = try await test.executions.start(TestMachines.arn("gone")).arn
            let end = try await test.ended(arn)
            #expect(end.status == .failed && end.error == "ActivityDoesNotExist")
            #expect(try await test.types(arn).contains("ActivityScheduleFailed"))
        }
    }

    @Test(arguments: ["pass", "wait"], [0, 1_000, 1_100, 5_000, 200_000])
    func `data of any size is read back, in the record or beside it`(
        name: String,
        bytes: Int
    ) throws {
        let simulation = SimulatedWorld(seed: 2)
        let (machines, caller, world) = (try Self.machines(), TestCaller(), simulation.world)
        try simulation.runTask {
            let input = #"{"in":"\#(String(repeating: "x", count: bytes))"}"#
            var test = try await TestExecutions.open(world, machines, caller)
            let arn = try await test.executions.start(TestMachines.arn(name), input: input).arn
            // What is not in memory any more is read from the database.
            try await test.close()
            test = try await TestExecutions.open(world, machines, caller)
            let end = try await test.ended(arn)
            #expect(end.status == .succeeded)
            #expect(end.input == input)
            #expect(end.output == input)
            try await test.close()
        }
    }

    @Test func `a loop over large data goes on in as many records as it needs`() throws {
        try run { test, _ in
            let text = String(repeating: "x", count: 200_000)
            let input = #"{"v":"\#(text)","n":0}"#
            let arn = try await test.executions.start(TestMachines.arn("loop"), input: input).arn
            let end = try await test.ended(arn)
            #expect(end.status == .succeeded)
            #expect(end.output == "300")
        }
    }

    @Test func `an execution of an EXPRESS machine has five minutes`() throws {
        let machines = TestMachines()
        let wait = #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":900,"End":true}}}"#
        try machines.add("slow", wait, .express)
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            let end = try await test.executions.run(TestMachines.arn("slow"))
            #expect(end.description.status == .timedOut)
            #expect(end.description.error == "States.Timeout")
            #expect((300_000...300_200).contains(end.durationMilliseconds))
            try await test.close()
        }
    }

    @Test func `the context of an execution that is waited for tells no redrives`() throws {
        let machines = TestMachines()
        let told =
            #"{"StartAt":"P","States":{"P":{"Type":"Pass","Parameters":{"e.$":"$$.Execution"},"End":true}}}"#
        try machines.add("told", told, .express)
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            let output = try await test.executions.run(TestMachines.arn("told")).description.output
            let execution = try JSONParser.value(of: try #require(output))["e"]
            #expect(execution?["Name"] != nil && execution?["RedriveCount"] == nil)
            let arn = try await test.executions.start(TestMachines.arn("told")).arn
            let other = try #require(try await test.ended(arn).output)
            #expect(try JSONParser.value(of: other)["e"]?["RedriveCount"] == .integer(0))
            try await test.close()
        }
    }

    @Test func `the history is told from both ends and in pages`() throws {
        try run { test, _ in
            let arn = try await test.executions.start(TestMachines.arn("pass")).arn
            let types = [
                "ExecutionStarted", "PassStateEntered", "PassStateExited", "PassStateEntered",
                "PassStateExited", "ExecutionSucceeded",
            ]
            #expect(try await test.types(arn) == types)
            let (page, next) = try await test.executions.history(arn, limit: 4)
            #expect(page.compactMap { $0["type"]?.text } == Array(types.prefix(4)))
            let (rest, end) = try await test.executions.history(arn, limit: 4, from: next)
            #expect(rest.compactMap { $0["type"]?.text } == Array(types.suffix(2)))
            #expect(end == nil)
            let (last, before) = try await test.executions.history(arn, isReversed: true, limit: 2)
            #expect(last.compactMap { $0["type"]?.text } == types.suffix(2).reversed())
            #expect(before == 4)
        }
    }

    @Test func `one name is one execution while it runs, and is taken afterwards`() throws {
        try run { test, _ in
            let arn = TestMachines.arn("wait")
            let first = try await test.executions.start(arn, name: "n", input: "{}")
            let again = try await test.executions.start(arn, name: "n", input: "{}")
            #expect(first == again)
            await #expect(throws: StatesError.self) {
                _ = try await test.executions.start(arn, name: "n", input: #"{"other":1}"#)
            }
            _ = try await test.executions.stop(first.arn, error: "E", cause: "C")
            let end = try await test.executions.describe(first.arn)
            #expect(end.status == .aborted)
            #expect(end.error == "E" && end.cause == "C")
            await #expect(throws: StatesError.self) {
                _ = try await test.executions.start(arn, name: "n", input: "{}")
            }
            _ = try await test.executions.redrive(first.arn)
            #expect(try await test.ended(first.arn).status == .succeeded)
        }
    }

    @Test func `a token ends its task once, and no other`() throws {
        try run { test, caller in
            let arn = try await test.executions.start(TestMachines.arn("token")).arn
            while caller.tokens.withLock({ $0.isEmpty }) {
                await test.executions.pause(milliseconds: 5)
            }
            let token = try #require(caller.tokens.withLock { $0.first })
            try await test.executions.heartbeat(token)
            await #expect(throws: StatesError.self) {
                try await test.executions.succeed("bm8=", output: "1")
            }
            await #expect(throws: StatesError.self) {
                try await test.executions.succeed(token, output: "no")
            }
            try await test.executions.succeed(token, output: #"{"done":true}"#)
            #expect(try await test.ended(arn).output == #"{"done":true}"#)
            await #expect(throws: StatesError.self) {
                try await test.executions.fail(token, error: nil, cause: nil)
            }
        }
    }

    @Test func `a worker of an activity gets the task and ends it`() throws {
        try run { test, _ in
            let arn = try await test.executions.start(TestMachines.arn("activity"), input: "[7]")
                .arn
            let activity = "arn:aws:states:here:1:activity:a"
            let task = try #require(try await test.executions.activityTask(activity, worker: "w"))
            #expect(task.input == "[7]")
            try await test.executions.fail(task.token, error: "Bad", cause: "luck")
            let end = try await test.ended(arn)
            #expect(end.error == "Bad")
            let types = try await test.types(arn)
            #expect(types.contains("ActivityStarted") && types.contains("ActivityFailed"))
        }
    }

    @Test func `a nested execution is submitted, waited for, and stopped with its parent`() throws {
        try run { test, _ in
            let parent = try await test.executions.start(TestMachines.arn("nested")).arn
            _ = try await test.ended(parent)
            let types = try await test.types(parent).filter { $0.hasPrefix("Task") }
            #expect(
                types == [
                    "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted",
                    "TaskSucceeded",
                    "TaskStateExited",
                ]
            )
            let waiting = try await test.executions.start(TestMachines.arn("nested-wait")).arn
            let child = "arn:aws:states:here:1:execution:wait:child"
            while (try? await test.executions.describe(child)) == nil {
                await test.executions.pause(milliseconds: 5)
            }
            while try await !test.types(waiting).contains("TaskSubmitted") {
                await test.executions.pause(milliseconds: 5)
            }
            _ = try await test.executions.stop(waiting)
            #expect(try await test.ended(child).status == .aborted)
        }
    }

    @Test func `an EXPRESS execution is answered when it ends`() throws {
        try run { test, _ in
            let end = try await test.executions.run(TestMachines.arn("express"), input: "3")
            #expect(end.description.output == "3")
            await #expect(throws: StatesError.self) {
                _ = try await test.executions.run(TestMachines.arn("pass"))
            }
        }
    }

    @Test func `a distributed Map runs a child for each row of a table, and writes their results`()
        throws
    {
        try run { test, caller in
            let rows = (1...12).map { "\($0),x" }.joined(separator: "\n")
            try caller.objects.put("in.csv", Array("n,t\n\(rows)\n".utf8))
            let arn = try await test.executions.start(TestMachines.arn("many")).arn
            let end = try await test.ended(arn)
            #expect(end.status == .succeeded)
            let run = try #require(try await test.executions.listMapRuns(arn).first)
            #expect(run.items == 12 && run.status == .succeeded)
            let counts = try await test.executions.describeMapRun(run.arn).children
            #expect(counts.byStatus == [.succeeded: 12])
            let keys = try caller.objects.list(prefix: "out/")
            #expect(
                keys.map { $0.split(separator: "/").last } == ["SUCCEEDED_0.json", "manifest.json"]
            )
            #expect(caller.calls.withLock { $0.values.allSatisfy { $0 == 1 } })
        }
    }

    @Test
    func `what has ended is deleted when its time is over, and not when it was taken up again`()
        throws
    {
        try run { test, _ in
            let express = try await test.executions.start(TestMachines.arn("express")).arn
            #expect(try await test.executions.describe(express).status == .succeeded)
            let arn = try await test.executions.start(TestMachines.arn("wait"), name: "kept").arn
            _ = try await test.executions.stop(arn)
            let kept = try await test.executions.load("wait:kept", peeking: true).record
            #expect(kept.timers == [0: (kept.stop ?? 0) + 90 * 86_400_000])
            _ = try await test.executions.redrive(arn)
            let again = try await test.executions.load("wait:kept", peeking: true).record
            // Its wait, and the year that it may take.
            #expect(again.timers[0] == nil && again.timers.count == 2)
            await test.executions.pause(milliseconds: 301_000)
            await #expect(throws: StatesError.self) {
                _ = try await test.executions.describe(express)
            }
            #expect(
                try await test.executions.list("express", where: { _ in true }, limit: 9).page
                    .isEmpty
            )
        }
    }

    @Test func `executions are listed with the latest first, by status and in pages`() throws {
        try run { test, _ in
            var arns: [String] = []
            for name in ["pass", "wait", "pass"] where name == "pass" {
                arns.append(try await test.executions.start(TestMachines.arn(name)).arn)
                await test.executions.pause(milliseconds: 5)
            }
            let (first, next) = try await test.executions.list(
                "pass",
                where: { _ in true },
                limit: 1
            )
            #expect(first.map(\.arn) == [arns[1]])
            let (rest, end) = try await test.executions.list(
                "pass",
                where: { $0.status == .succeeded },
                limit: 5,
                after: next
            )
            #expect(rest.map(\.arn) == [arns[0]])
            #expect(end == nil)
        }
    }
}
