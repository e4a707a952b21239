import ShaleItems
import ShalePlatform
import ShaleStates
import ShaleTables
import ShaleTimers
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines

/// Revisions are deleted when nothing needs them any more, in a simulated world and across crashes.
@Suite struct RevisionCollectionTests {
    private static let hour: Int64 = 3_600_000
    private static let arn = "arn:aws:states:here:1:stateMachine:m"

    private static func wait(_ seconds: Int) -> String {
        #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":\#(seconds),"End":true}}}"#
    }

    fileprivate static func new(_ kind: ResolvedMachine.Kind = .express) -> StateMachines.New {
        let settings = MachineSettings(definition: wait(1), roleARN: "role")
        return StateMachines.New(name: "m", kind: kind, settings: settings)
    }

    private static func change(_ seconds: Int, isPublished: Bool = false) -> StateMachines.Change {
        var change = StateMachines.Change()
        change.definition = wait(seconds)
        change.isPublished = isPublished
        return change
    }

    @Test func `a revision that was changed goes after an hour, the present one stays`() throws {
        try OpenMachines.run { opened in
            try await opened.machines.create(Self.new())
            for seconds in 2...4 {
                try await opened.machines.update(Self.arn, Self.change(seconds))
            }
            #expect(try await opened.kept() == [4, 4])
            await opened.pass(Self.hour + 1_000)
            #expect(try await opened.kept() == [1, 1])
            let present = try await opened.machines.describe(Self.arn).revision
            #expect(present.settings.definition == Self.wait(4))
        }
    }

    @Test func `a version keeps its revision until it is deleted`() throws {
        try OpenMachines.run { opened in
            try await opened.machines.create(Self.new())
            try await opened.machines.publish(Self.arn)
            try await opened.machines.update(Self.arn, Self.change(2))
            await opened.pass(Self.hour + 1_000)
            #expect(try await opened.kept() == [2, 2])
            try await opened.machines.deleteVersion(Self.arn + ":1")
            await opened.pass(Self.hour + 1_000)
            #expect(try await opened.kept() == [1, 1])
        }
    }

    @Test func `an execution that is kept keeps its revision`() throws {
        try OpenMachines.run { opened in
            try await opened.machines.create(Self.new(.standard))
            let arn = try await opened.executions.start(Self.arn).arn
            try await opened.machines.update(Self.arn, Self.change(2))
            await opened.pass(Self.hour + Self.hour / 2)
            #expect(try await opened.kept() == [2, 2])
            #expect(try await opened.executions.describe(arn).status == .succeeded)
            let revision = try await opened.machines.describe(Self.arn).revision.id
            #expect(try await !opened.executions.uses("m", revision))
        }
    }

    @Test func `a deleted machine leaves nothing behind, and one of its name stays`() throws {
        try OpenMachines.run { opened in
            try await opened.machines.create(Self.new())
            try await opened.machines.delete(Self.arn)
            try await opened.machines.create(Self.new())
            await opened.pass(Self.hour + 1_000)
            #expect(try await opened.kept() == [1, 1])
            _ = try await opened.executions.run(Self.arn)
            try await opened.machines.delete(Self.arn)
            await opened.pass(Self.hour + 1_000)
            #expect(try await opened.kept() == [0, 0])
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `power cuts lose no revision that is needed and keep none that is not`(
        seed: UInt64
    ) throws {
        let simulation = SimulatedWorld(seed: seed)
        var generator = SimulatedGenerator(seed: seed, stream: 9)
        let acknowledged = Mutex(1)
        for life in 0..<5 {
            let world = simulation.world
            simulation.disk.cutPower(afterOperations: 20 + generator.below(120))
            let task = simulation.startTask {
                let opened = try await OpenMachines.open(world)
                try await opened.makeOnce()
                for step in 0..<20 {
                    let seconds = 10 + life * 20 + step
                    try await opened.machines.update(Self.arn, Self.change(seconds))
                    acknowledged.withLock { $0 = seconds }
                    await opened.pass(Self.hour / 4)
                }
            }
            try simulation.run(until: { simulation.disk.isPowerCut || task.isFinished })
            simulation.crash(leftovers: .runIntoErrors)
        }
        let world = simulation.world
        let last = acknowledged.withLock { $0 }
        try simulation.runTask {
            let opened = try await OpenMachines.open(world)
            try await opened.makeOnce()
            await opened.pass(2 * Self.hour)
            #expect(try await opened.kept() == [1, 1])
            let definition = try await opened.machines.describe(Self.arn).revision.settings
                .definition
            // A change that was not acknowledged may have happened.
            #expect([Self.wait(last), Self.wait(last + 1)].contains(definition) || last == 1)
            _ = try await opened.executions.run(Self.arn)
            try await opened.close()
        }
    }
}

extension OpenMachines {
    fileprivate func makeOnce() async throws {
        if try await machines.machines().isEmpty {
            try await machines.create(RevisionCollectionTests.new())
        }
    }

    /// How many revisions are kept, and items with their definitions.
    fileprivate func kept() async throws -> [Int] {
        [
            try await machines.revisions(of: "m").count,
            try await machines.items(of: "m", "text#").count,
        ]
    }
}
