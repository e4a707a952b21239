import ShalePlatform
import ShaleStates
import ShaleTables
import ShaleTimers
import Simulation
import Testing

@testable import ShaleStateMachines

/// Machines that are deleted while executions run, in a simulated world.
@Suite struct DeletingTests {
    fileprivate static let arn = "arn:aws:states:here:1:stateMachine:m"

    /// Waits ten seconds, then goes on to another state.
    fileprivate static let definition = """
        {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":10,"Next":"P"},"P":{"Type":"Pass","End":true}}}
        """

    @Test func `a machine whose executions have ended goes at once`() throws {
        try OpenMachines.run { opened in
            try await opened.make()
            try await opened.start("a")
            await opened.pass(11_000)
            try await opened.delete()
            #expect(try await opened.isDeleting() == nil)
            #expect(try await opened.status("a") == .succeeded)
            try await opened.delete()
        }
    }

    @Test func `a machine with executions goes with the last of them`() throws {
        try OpenMachines.run { opened in
            try await opened.make()
            for name in ["a", "b", "c"] { try await opened.start(name) }
            try await opened.delete()
            for name in ["b", "c", "a"] {
                #expect(try await opened.isDeleting() == true)
                try await opened.stop(name)
                await opened.settle()
            }
            #expect(try await opened.isDeleting() == nil)
            try await opened.make()
            try await opened.start("d")
        }
    }

    @Test func `an execution of a machine that is deleted fails where it would enter a state`()
        throws
    {
        try OpenMachines.run { opened in
            try await opened.make()
            try await opened.start("a")
            try await opened.delete()
            await opened.pass(9_000)
            #expect(try await opened.status("a") == .running)
            await opened.pass(2_000)
            let end = try await opened.describe("a")
            #expect(end.status == .failed)
            #expect(end.error == "States.Runtime")
            #expect(end.cause == "State machine m has been deleted.")
            #expect(try await opened.isDeleting() == nil)
        }
    }

    @Test func `a machine that is being deleted takes no executions and no changes`() throws {
        try OpenMachines.run { opened in
            try await opened.make()
            let version = StateMachines.GivenRoute(arn: Self.arn + ":1", weight: 100)
            try await opened.machines.createAlias("live", description: nil, [version])
            try await opened.start("a")
            try await opened.delete()
            try await opened.delete()
            let (machines, executions) = (opened.machines, opened.executions)
            var change = StateMachines.Change()
            change.roleARN = "other"
            let changed = change
            let calls: [() async throws -> Void] = [
                { _ = try await executions.start(Self.arn) },
                { _ = try await executions.start(Self.arn, name: "a") },
                { _ = try await executions.start(Self.arn + ":1") },
                { _ = try await executions.start(Self.arn + ":live") },
                { try await opened.make() }, { try await machines.update(Self.arn, changed) },
                { try await machines.publish(Self.arn) },
                { try await machines.createAlias("b", description: nil, [version]) },
                { try await machines.updateAlias(Self.arn + ":live", description: "x", nil) },
                { _ = try await machines.aliases(of: Self.arn) },
            ]
            for (number, call) in calls.enumerated() {
                let code = await MachineFixture.refusal(call)
                #expect(code == .stateMachineDeleting, "the call \(number)")
            }
            #expect(try await machines.describe(Self.arn + ":1").machine.isDeleting)
            #expect(try await machines.owner(of: Self.arn + ":live").isDeleting)
            try await opened.stop("a")
            await opened.settle()
            let code = await MachineFixture.refusal { _ = try await machines.owner(of: Self.arn) }
            #expect(code == .stateMachineDoesNotExist)
        }
    }

    @Test func `executions of a deleted machine are not listed under one of its name`() throws {
        try OpenMachines.run { opened in
            try await opened.make()
            try await opened.start("a")
            #expect(try await opened.listed() == ["a"])
            await opened.pass(11_000)
            try await opened.delete()
            try await opened.make()
            #expect(try await opened.listed() == [])
            try await opened.start("b")
            #expect(try await opened.listed() == ["b"])
            // The new machine waits for its own executions alone, and the old one's is still there.
            #expect(try await opened.status("a") == .succeeded)
            try await opened.delete()
            try await opened.stop("b")
            await opened.settle()
            #expect(try await opened.isDeleting() == nil)
        }
    }

    @Test func `the name of a deleted machine's execution is taken for as long as it is kept`()
        throws
    {
        try OpenMachines.run { opened in
            try await opened.make()
            try await opened.start("a")
            await opened.pass(11_000)
            try await opened.delete()
            try await opened.make()
            let code = await MachineFixture.refusal { try await opened.start("a") }
            #expect(code == .executionAlreadyExists)
            #expect(try await opened.listed() == [])
            await opened.pass(91 * 86_400_000)
            try await opened.start("a")
            #expect(try await opened.listed() == ["a"])
        }
    }

    @Test func `a running execution of a machine that is gone is not taken for the new one's`()
        throws
    {
        try OpenMachines.run { opened in
            try await opened.make()
            try await opened.start("a")
            // Deleted by who does not look for executions.
            try await opened.machines.delete(Self.arn)
            try await opened.make()
            let code = await MachineFixture.refusal { try await opened.start("a") }
            #expect(code == .executionAlreadyExists)
        }
    }

    @Test func `executions of a deleted machine keep its definition, whatever has its name now`()
        throws
    {
        try OpenMachines.run { opened in
            try await opened.make()
            try await opened.start("a")
            await opened.pass(11_000)
            try await opened.delete()
            try await opened.make()
            await opened.pass(2 * 3_600_000)
            let revision = try await opened.describe("a").revision
            let kept = try await opened.machines.revision(revision, of: "m")
            #expect(kept.settings.definition == Self.definition)
            await opened.pass(92 * 86_400_000)
            #expect(try await opened.machines.revisions(of: "m").contains(revision) == false)
        }
    }

    @Test func `an EXPRESS machine goes at once`() throws {
        try OpenMachines.run { opened in
            try await opened.make(.express)
            _ = try await opened.executions.start(Self.arn)
            try await opened.delete()
            #expect(try await opened.isDeleting() == nil)
        }
    }

    @Test(arguments: 1...40)
    func `wherever the power fails, what was deleted goes with its last execution`(cut: Int) throws
    {
        let simulation = SimulatedWorld(seed: UInt64(cut))
        let first = simulation.world
        let run = simulation.startTask {
            let opened = try await OpenMachines.open(first)
            try await opened.make()
            try await opened.start("a")
            try await opened.start("b")
            simulation.disk.cutPower(afterOperations: cut)
            try await opened.delete()
            try await opened.stop("a")
            await opened.pass(20_000)
        }
        try simulation.run(until: { simulation.disk.isPowerCut || run.isFinished })
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let second = simulation.world
        try simulation.runTask {
            let opened = try await OpenMachines.open(second)
            if try await opened.isDeleting() == false { try await opened.delete() }
            if try await opened.status("b") == .running {
                #expect(try await opened.isDeleting() == true)
                for name in ["a", "b"] { try await opened.stop(name) }
            }
            await opened.settle()
            #expect(try await opened.isDeleting() == nil)
            try await opened.make()
            try await opened.close()
        }
    }
}

extension OpenMachines {
    fileprivate func make(_ kind: ResolvedMachine.Kind = .standard) async throws {
        let settings = MachineSettings(definition: DeletingTests.definition, roleARN: "role")
        var new = StateMachines.New(name: "m", kind: kind, settings: settings)
        new.isPublished = true
        try await machines.create(new)
    }

    fileprivate func start(_ name: String) async throws {
        _ = try await executions.start(DeletingTests.arn, name: name)
    }

    fileprivate func delete() async throws {
        try await executions.delete(DeletingTests.arn, from: machines)
    }

    /// Whether the machine is there, and is being deleted.
    fileprivate func isDeleting() async throws -> Bool? {
        try await machines.machines().first?.isDeleting
    }

    /// The names of the executions that are listed.
    fileprivate func listed() async throws -> [String] {
        let machine = try await machines.existing(DeletingTests.arn)
        return try await executions.list(machine.group, where: { _ in true }, limit: 9)
            .page.map(\.name)
    }

    fileprivate func status(_ name: String) async throws -> ExecutionStatus {
        try await describe(name).status
    }

    fileprivate func describe(_ name: String) async throws -> ExecutionDescription {
        try await executions.describe("arn:aws:states:here:1:execution:m:\(name)")
    }

    fileprivate func stop(_ name: String) async throws {
        _ = try await executions.stop("arn:aws:states:here:1:execution:m:\(name)")
    }

    /// Lets what follows an end happen.
    fileprivate func settle() async { await pass(100) }
}
