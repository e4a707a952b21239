import ShaleJSON
import ShalePlatform
import ShaleStates
import ShaleTables
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines

/// Executions while the power is cut again and again: each ends as if nothing had happened.
struct ExecutionCrashTests {
    private static let map = #"""
        {"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,"ItemProcessor":
        {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:ok","End":true}}},
        "Next":"W"},"W":{"Type":"Wait","Seconds":2,"Next":"P"},"P":{"Type":"Parallel","Branches":[
        {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:fail","Retry":[
        {"ErrorEquals":["Odd"],"MaxAttempts":1,"IntervalSeconds":1}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],
        "End":true},"C":{"Type":"Pass","Result":"caught","End":true}}},
        {"StartAt":"N","States":{"N":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",
        "Parameters":{"StateMachineArn":"arn:aws:states:here:1:stateMachine:child","Input":{"x":1}},
        "ResultSelector":{"o.$":"$.Output"},"End":true}}}],"Next":"D"},"D":{"Type":"Map","ItemsPath":"$","ItemProcessor":{
        "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"X","States":{"X":{"Type":"Task",
        "Resource":"arn:aws:lambda:here:1:function:ok","End":true}}},"End":true}}}
        """#
    private static let child =
        #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#
    private static let input = #"{"items":[1,2,3]}"#
    private static let count = 6

    private static func machines() throws -> TestMachines {
        let machines = TestMachines()
        try machines.add("map", map)
        try machines.add("child", child)
        return machines
    }

    /// What an execution comes to when nothing happens to it.
    private static func twin(_ machines: TestMachines) throws -> (String?, [String: Int]) {
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        return try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            let arn = try await test.executions.start(TestMachines.arn("map"), input: input).arn
            let output = try await test.ended(arn).output
            let types = try await test.types(arn)
            try await test.close()
            return (output, Self.counted(types))
        }
    }

    private static func counted(_ types: [String]) -> [String: Int] {
        types.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `each execution ends as its uninterrupted twin, and no task is scheduled twice`(
        seed: UInt64
    ) throws {
        let machines = try Self.machines()
        let (output, types) = try Self.twin(machines)
        let simulation = SimulatedWorld(seed: seed)
        var generator = SimulatedGenerator(seed: seed, stream: 7)
        let started = StartedNames()
        for life in 0..<6 {
            let world = simulation.world
            simulation.disk.cutPower(afterOperations: 30 + generator.below(300))
            let run = simulation.startTask {
                let test = try await TestExecutions.open(world, machines, TestCaller())
                if life < Self.count {
                    let name = "e\(life)"
                    _ = try await test.executions.start(
                        TestMachines.arn("map"),
                        name: name,
                        input: Self.input
                    )
                    started.add(name)
                }
                await test.executions.pause(milliseconds: 60_000)
            }
            try simulation.run(until: { simulation.disk.isPowerCut || run.isFinished })
            simulation.crash(leftovers: .runIntoErrors)
        }
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, TestCaller())
            for name in started.all {
                let arn = "arn:aws:states:here:1:execution:map:\(name)"
                let end = try await test.ended(arn)
                #expect(end.status == .succeeded)
                #expect(end.output == output)
                #expect(Self.counted(try await test.types(arn)) == types)
            }
            try await test.close()
        }
        #expect(!started.all.isEmpty)
    }
}

/// The names of executions whose start was acknowledged.
private final class StartedNames: Sendable {
    private let names = Mutex<[String]>([])

    var all: [String] { names.withLock { $0 } }
    func add(_ name: String) { names.withLock { $0.append(name) } }
}
