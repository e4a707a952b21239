import ShalePlatform
import ShaleStates
import ShaleTables
import Simulation
import Testing

@testable import ShaleStateMachines

/// An execution that starts another which ends with its start, while the power fails at each operation of the disk.
struct NestedCrashTests {
    /// What the task asks for, the name that it gives, and what it selects of the answer.
    static let calls: [(call: String, name: String?, selected: String)] = [
        ("startExecution", nil, "$.ExecutionArn"), ("startExecution", "c", "$.ExecutionArn"),
        ("startExecution.sync:2", nil, "$.Output"),
    ]

    private static func machines(
        _ call: (call: String, name: String?, selected: String)
    ) throws -> TestMachines {
        let machines = TestMachines()
        let name = call.name.map { #","Name":"\#($0)""# } ?? ""
        try machines.add(
            "parent",
            #"""
            {"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:\#(call.call)",
            "Parameters":{"StateMachineArn":"arn:aws:states:here:1:stateMachine:child","Input":{"x":1}\#(name)},
            "ResultSelector":{"o.$":"\#(call.selected)"},"End":true}}}
            """#
        )
        try machines.add("child", #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#)
        return machines
    }

    /// Lets a task run until the power fails or it has ended, and goes on with what is left.
    private static func goOn<Answer: Sendable>(
        behind run: SimulatedTask<Answer>,
        in simulation: SimulatedWorld,
        _ machines: TestMachines,
        _ body: @escaping @Sendable (TestExecutions) async throws -> Void
    ) throws {
        try simulation.run(until: { simulation.disk.isPowerCut || run.isFinished })
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            try await body(test)
            try await test.close()
        }
    }

    @Test(arguments: calls.indices, 1...24)
    func `what a task started before a crash is found behind it, and its end is told`(
        index: Int,
        cut: Int
    ) throws {
        let machines = try Self.machines(Self.calls[index])
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        let run = simulation.startTask {
            let test = try await TestExecutions.open(first, machines, TestCaller())
            let arn = TestMachines.arn("parent")
            _ = try await test.executions.start(arn, name: "e", input: "{}")
            simulation.disk.cutPower(afterOperations: cut)
            await test.executions.pause(milliseconds: 5_000)
        }
        try Self.goOn(behind: run, in: simulation, machines) { test in
            let end = try await test.ended("arn:aws:states:here:1:execution:parent:e")
            #expect(end.status == .succeeded, "\(end.cause ?? "")")
        }
    }

    /// A machine whose task waits for the execution `c` of one that takes five seconds.
    private static func waiting() throws -> TestMachines {
        let machines = try machines(("startExecution.sync:2", "c", "$.Output"))
        try machines.add(
            "child",
            #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":5,"Next":"P"},"P":{"Type":"Pass","End":true}}}"#
        )
        return machines
    }

    @Test func `all whose task finds a running execution by its name are told its end`() throws {
        let machines = try Self.waiting()
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            let child = TestMachines.arn("child")
            _ = try await test.executions.start(child, name: "c", input: #"{"x":1}"#)
            var parents: [String] = []
            for name in ["a", "b"] {
                let parent = TestMachines.arn("parent")
                parents.append(try await test.executions.start(parent, name: name).arn)
            }
            for parent in parents {
                let end = try await test.ended(parent)
                #expect(end.status == .succeeded, "\(end.cause ?? "")")
                #expect(end.output == #"{"o":{"x":1}}"#)
                #expect((end.stopMilliseconds ?? 0) - end.startMilliseconds < 6_000)
            }
            try await test.close()
        }
    }

    @Test(arguments: 1...32)
    func `who waits for somebody else's execution is told its end, wherever the power fails`(
        cut: Int
    ) throws {
        let machines = try Self.waiting()
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        let run = simulation.startTask {
            let test = try await TestExecutions.open(first, machines, TestCaller())
            let child = TestMachines.arn("child")
            _ = try await test.executions.start(child, name: "c", input: #"{"x":1}"#)
            _ = try await test.executions.start(TestMachines.arn("parent"), name: "e")
            simulation.disk.cutPower(afterOperations: cut)
            await test.executions.pause(milliseconds: 8_000)
        }
        try Self.goOn(behind: run, in: simulation, machines) { test in
            let end = try await test.ended("arn:aws:states:here:1:execution:parent:e")
            #expect(end.status == .succeeded, "\(end.cause ?? "")")
        }
    }

    @Test(arguments: 1...20)
    func `a nested execution is stopped with the one that waits for it, wherever the power fails`(
        cut: Int
    ) throws {
        let machines = try Self.machines(("startExecution.sync:2", "c", "$.Output"))
        try machines.add("child", Self.long)
        try Self.requireStop(machines, cut: cut) { test in
            let child = try await test.executions.describe(
                "arn:aws:states:here:1:execution:child:c"
            )
            return child.status == .running ? 1 : 0
        }
    }

    @Test(arguments: 1...20)
    func `the children of a Map run are stopped with it, wherever the power fails`(
        cut: Int
    ) throws {
        let machines = TestMachines()
        try machines.add(
            "parent",
            #"""
            {"StartAt":"M","States":{"M":{"Type":"Map","End":true,"Label":"L","ItemProcessor":{"ProcessorConfig":
            {"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":50000,
            "End":true}}}}}}
            """#
        )
        try Self.requireStop(machines, cut: cut) { test in
            var count = 0
            for run in try await test.executions.listMapRuns(
                "arn:aws:states:here:1:execution:parent:e"
            ) {
                count += try await test.executions.list(
                    run.arn,
                    where: { $0.status == .running },
                    limit: .max
                ).page.count
            }
            return count
        }
    }

    private static let long =
        #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":50000,"End":true}}}"#

    /// Stops an execution while the power fails, and sees that none of its children runs behind that.
    private static func requireStop(
        _ machines: TestMachines,
        cut: Int,
        running: @escaping @Sendable (TestExecutions) async throws -> Int
    ) throws {
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        let parent = "arn:aws:states:here:1:execution:parent:e"
        let run = simulation.startTask {
            let test = try await TestExecutions.open(first, machines, TestCaller())
            let arn = TestMachines.arn("parent")
            _ = try await test.executions.start(arn, name: "e", input: "[1,2,3,4,5]")
            await test.executions.pause(milliseconds: 5_000)
            #expect(try await running(test) > 0)
            simulation.disk.cutPower(afterOperations: cut)
            _ = try await test.executions.stop(parent)
            await test.executions.pause(milliseconds: 5_000)
        }
        try Self.goOn(behind: run, in: simulation, machines) { test in
            if try await test.executions.describe(parent).status == .running {
                _ = try await test.executions.stop(parent)
            }
            await test.executions.pause(milliseconds: 5_000)
            #expect(try await running(test) == 0)
            #expect(try await test.executions.store.executionsWithWork() == [])
        }
    }

    @Test func `a name that another execution has is refused`() throws {
        let machines = try Self.machines(Self.calls[1])
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            for (name, status) in [("a", ExecutionStatus.succeeded), ("b", .failed)] {
                let arn = try await test.executions.start(TestMachines.arn("parent"), name: name)
                    .arn
                #expect(try await test.ended(arn).status == status)
            }
            try await test.close()
        }
    }
}
