import ShalePlatform
import ShaleStates
import ShaleTables
import Simulation
import Testing

@testable import ShaleStateMachines

/// A nested execution that ends with its start, while the power fails at each operation of the disk.
struct NestedCrashTests {
    private static let parent = #"""
        {"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",
        "Parameters":{"StateMachineArn":"arn:aws:states:here:1:stateMachine:child","Input":{"x":1}},
        "ResultSelector":{"o.$":"$.Output"},"End":true}}}
        """#
    private static let child = #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#

    @Test(arguments: 1...24)
    func `its end is told, also when a crash came before that`(cut: Int) throws {
        let machines = TestMachines()
        try machines.add("parent", Self.parent)
        try machines.add("child", Self.child)
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        let run = simulation.startTask {
            let test = try await TestExecutions.open(first, machines, TestCaller())
            let arn = TestMachines.arn("parent")
            _ = try await test.executions.start(arn, name: "e", input: "{}")
            simulation.disk.cutPower(afterOperations: cut)
            await test.executions.pause(milliseconds: 5_000)
        }
        try simulation.run(until: { simulation.disk.isPowerCut || run.isFinished })
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            let end = try await test.ended("arn:aws:states:here:1:execution:parent:e")
            #expect(end.status == .succeeded)
            #expect(end.output == #"{"o":{"x":1}}"#)
            try await test.close()
        }
    }
}
