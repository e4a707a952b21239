import ShalePlatform
import ShaleStates
import ShaleTables
import Simulation
import Testing

@testable import ShaleStateMachines

/// An execution that starts another while the power is cut: the second start finds what the first one made.
struct NestedCrashTests {
    private static func machines(_ call: String, _ name: String?) throws -> TestMachines {
        let machines = TestMachines()
        let called = name.map { #","Name":"\#($0)""# } ?? ""
        try machines.add(
            "outer",
            #"{"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:\#(call)","Parameters":{"StateMachineArn":"arn:aws:states:here:1:stateMachine:inner","Input":{"x":1}\#(called)},"ResultPath":null,"End":true}}}"#
        )
        try machines.add(
            "inner",
            #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#
        )
        return machines
    }

    /// What the task asks for, and the name that it gives.
    static let calls: [(call: String, name: String?)] = [
        ("startExecution", nil), ("startExecution", "inner-1"), ("startExecution.sync:2", nil),
    ]

    @Test(arguments: calls.indices, 0..<3)
    func `wherever the power fails, the task that starts an execution succeeds`(
        index: Int,
        share: Int
    ) throws {
        let (call, name) = Self.calls[index]
        let machines = try Self.machines(call, name)
        for operations in stride(from: 20 + 2 * share, to: 120, by: 6) {
            let simulation = SimulatedWorld(seed: UInt64(operations))
            let world = simulation.world
            simulation.disk.cutPower(afterOperations: operations)
            let run = simulation.startTask {
                let test = try await TestExecutions.open(world, machines, TestCaller())
                _ = try await test.executions.start(TestMachines.arn("outer"), name: "o")
                await test.executions.pause(milliseconds: 60_000)
            }
            try simulation.run(until: { simulation.disk.isPowerCut || run.isFinished })
            simulation.crash(leftovers: .runIntoErrors)
            let again = simulation.world
            try simulation.runTask {
                let test = try await TestExecutions.open(again, machines, TestCaller())
                let arn = try await test.executions.start(TestMachines.arn("outer"), name: "p").arn
                let other = try await test.ended(arn).status
                let first = "arn:aws:states:here:1:execution:outer:o"
                guard (try? await test.executions.describe(first)) != nil else {
                    // Its start was never acknowledged.
                    #expect(other == .succeeded)
                    return try await test.close()
                }
                // Of two tasks that ask for one name the second is refused: the name is another's.
                let ended = try await test.ended(first)
                let succeeded = [ended.status, other].count { $0 == .succeeded }
                #expect(succeeded == (name == nil ? 2 : 1), "cut after \(operations)")
                try await test.close()
            }
        }
    }
}
