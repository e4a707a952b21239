import ShaleItems
import ShaleStateMachines
import Simulation
import Testing

@testable import ShaleTriggers

/// Schedules that start executions.
@Suite struct MachineTargetTests {
    private static func target(_ machine: String, _ input: String = #"{"n": 1}"#) -> Item {
        ["Arn": .string(MachineScene.prefix + machine), "Input": .string(input)]
    }

    private static func operation(_ request: String) -> Item {
        ["Arn": .string(StartExecutionTarget.resourceName), "Input": .string(request)]
    }

    @Test func `each time of a schedule is one execution, which is given its input`() throws {
        let scene = try MachineScene(SimulatedWorld(seed: 1))
        try scene.make("m")
        let input = #"{"at": "<aws.scheduler.scheduled-time>"}"#
        try scene.simulation.runTask {
            try await scene.schedule("s", Self.target("m", input), "cron(0 * * * ? *)")
        }
        try scene.run(3 * 3_600 + 60)
        let executions = try scene.executions(of: "m")
        let hours = (1...3).map { #"{"at": "2026-01-01T0\#($0):00:00Z"}"# }
        #expect(executions.map(\.input) == hours.reversed())
        #expect(executions.allSatisfy { "\($0.status)" == "succeeded" })
        #expect(Set(executions.map(\.name)).count == 3)
        try scene.stop()
    }

    @Test func `without an input an execution is given the service's event`() throws {
        let scene = try MachineScene(SimulatedWorld(seed: 1))
        try scene.make("m")
        let target: Item = ["Arn": .string(MachineScene.prefix + "m")]
        try scene.simulation.runTask { try await scene.schedule("s", target) }
        try scene.run(40)
        #expect(try scene.executions(of: "m").first?.input.contains("Scheduled Event") == true)
        try scene.stop()
    }

    @Test(arguments: 1...40)
    func `wherever the power fails, one time is one execution`(cut: Int) throws {
        let simulation = SimulatedWorld(seed: UInt64(cut))
        let first = try MachineScene(simulation)
        try first.make("m", seconds: 3)
        try simulation.runTask { try await first.schedule("s", Self.target("m")) }
        try first.run(20)
        simulation.disk.cutPower(afterOperations: cut)
        try simulation.run(until: {
            simulation.disk.isPowerCut || simulation.time.wallMilliseconds > Self.end
        })
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let second = try MachineScene(simulation)
        try second.run(60)
        let executions = try second.executions(of: "m")
        #expect(executions.map { "\($0.status)" } == ["succeeded"])
        #expect(try second.count(of: "$schedules") == 0)
        // What has ended is deleted some day.
        #expect(try second.timers(of: "executions") == 1)
        #expect(try second.timers(of: "schedules") == 0)
        try second.stop()
    }

    /// Ten seconds behind the time of the schedule: 2026-01-01 00:00:40 UTC.
    private static let end: Int64 = 1_767_225_640_000

    @Test(
        arguments: [
            target("late"), operation(#"{"StateMachineArn": "\#(MachineScene.prefix)late"}"#),
        ] as [Item]
    )
    func `a machine that is not there yet is tried again`(target: Item) throws {
        let scene = try MachineScene(SimulatedWorld(seed: 1))
        try scene.simulation.runTask { try await scene.schedule("s", target) }
        try scene.run(40)
        #expect(try scene.count(of: "$schedules") == 1)
        try scene.make("late")
        try scene.run(60)
        #expect(try scene.executions(of: "late").count == 1)
        #expect(try scene.count(of: "$schedules") == 0)
        try scene.stop()
    }

    @Test func `the operation gives the name and the input of its request`() throws {
        let scene = try MachineScene(SimulatedWorld(seed: 1))
        try scene.make("m")
        let request =
            #"{"StateMachineArn": "\#(MachineScene.prefix)m", "name": "mine", "Input": "{\"a\": 2}"}"#
        try scene.simulation.runTask { try await scene.schedule("s", Self.operation(request)) }
        try scene.run(40)
        let executions = try scene.executions(of: "m")
        #expect(executions.map(\.name) == ["mine"])
        #expect(executions.map(\.input) == [#"{"a": 2}"#])
        try scene.stop()
    }

    @Test func `a name that runs already with the same input is what was wanted`() throws {
        let scene = try MachineScene(SimulatedWorld(seed: 1))
        try scene.make("m", seconds: 300)
        let request = #"{"StateMachineArn": "\#(MachineScene.prefix)m", "Name": "mine"}"#
        try scene.simulation.runTask {
            _ = try await scene.executions.start(MachineScene.prefix + "m", name: "mine")
            try await scene.schedule("s", Self.operation(request))
        }
        try scene.run(40)
        #expect(try scene.executions(of: "m").map(\.name) == ["mine"])
        #expect(try scene.count(of: "$schedules") == 0)
        try scene.stop()
    }

    @Test(
        arguments: [
            (target("m", "text"), "no JSON"), (target("m:1:2"), "not supported"),
            (target("m/label"), "not supported"),
            (target("m", "\"" + String(repeating: "a", count: 262_144) + "\""), "at most 262144"),
            (["Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"], "not supported"),
            (["Arn": "arn:aws:states:us-east-1:000000000000:activity:a"], "not supported"),
            (["Arn": "arn:aws:scheduler:::aws-sdk:sfn:stopExecution"], "not supported"),
            (
                ["Arn": .string(StartExecutionTarget.resourceName)],
                "The request of the operation is"
            ),
            (operation("[]"), "no object"), (operation("text"), "no JSON"),
            (operation("{}"), "no StateMachineArn"),
            (operation(#"{"StateMachineArn": "m"}"#), "m is no state machine of this account"),
            (operation(#"{"StateMachineArn": "m", "Input": {}}"#), "The member Input"),
            (operation(#"{"StateMachineArn": "m", "Inputs": "{}"}"#), "The member Inputs"),
            (
                operation(#"{"StateMachineArn": "\#(MachineScene.prefix)m", "Input": "{"}"#),
                "no JSON"
            ),
        ] as [(Item, String)]
    )
    func `what cannot be started is refused when the schedule is made`(
        target: Item,
        message: String
    ) throws {
        let scene = try MachineScene(SimulatedWorld(seed: 1))
        let error = try scene.simulation.runTask { () -> ScheduleError? in
            do {
                try await scene.schedule("s", target)
                return nil
            } catch {
                return error as? ScheduleError
            }
        }
        #expect(error?.code == .validation)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "accepted")")
        try scene.stop()
    }
}
