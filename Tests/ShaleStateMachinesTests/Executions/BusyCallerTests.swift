import OrderedCollections
import ShaleJSON
import ShalePlatform
import ShaleStates
import Simulation
import Synchronization
import Testing

@testable import ShaleStateMachines

/// What tasks call takes no more calls for a while.
@Suite struct BusyCallerTests {
    /// Refuses so many calls, then answers; or never answers.
    private final class BusyCaller: TaskCaller {
        private let refusals: Mutex<Int>
        private let isSilent: Bool

        init(refusing count: Int, isSilent: Bool = false) {
            refusals = Mutex(count)
            self.isSilent = isSilent
        }

        func bucket(_: String) -> (any Bucket)? { nil }

        func call(_ task: OpenTask) async -> TaskOutcome {
            if isSilent { return .later }
            let isRefused = refusals.withLock { count in
                count -= 1
                return count >= 0
            }
            return isRefused
                ? .busy(error: "Lambda.TooManyRequestsException", cause: "Rate Exceeded.")
                : .succeeded(.object(["done": .bool(true)]))
        }
    }

    private static func machines() throws -> TestMachines {
        let machines = TestMachines()
        try machines.add(
            "call",
            #"{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:f","End":true}}}"#
        )
        return machines
    }

    private static let arn = TestMachines.arn("call")

    @Test func `a call that is refused fails its task`() throws {
        let machines = try Self.machines()
        let simulation = SimulatedWorld(seed: 1)
        let world = simulation.world
        try simulation.runTask {
            let test = try await TestExecutions.open(world, machines, BusyCaller(refusing: 1))
            let end = try await test.ended(try await test.executions.start(Self.arn).arn)
            #expect(end.error == "Lambda.TooManyRequestsException")
            try await test.close()
        }
    }

    @Test(arguments: [(0, true), (20, true), (10_000, false)])
    func `a call that is made again behind a crash waits, and not for ever`(
        refusals: Int,
        succeeds: Bool
    ) throws {
        let machines = try Self.machines()
        let simulation = SimulatedWorld(seed: 1)
        let first = simulation.world
        try simulation.runTask {
            let silent = BusyCaller(refusing: 0, isSilent: true)
            let test = try await TestExecutions.open(first, machines, silent)
            _ = try await test.executions.start(Self.arn, name: "e")
            await test.executions.pause(milliseconds: 1_000)
        }
        simulation.crash(.killProcess, leftovers: .runIntoErrors)
        let world = simulation.world
        try simulation.runTask {
            let caller = BusyCaller(refusing: refusals)
            let test = try await TestExecutions.open(world, machines, caller)
            await test.executions.pause(milliseconds: 310_000)
            let end = try await test.ended("arn:aws:states:here:1:execution:call:e")
            #expect(end.status == (succeeds ? .succeeded : .failed))
            #expect(end.error == (succeeds ? nil : "Lambda.TooManyRequestsException"))
            try await test.close()
        }
    }
}
