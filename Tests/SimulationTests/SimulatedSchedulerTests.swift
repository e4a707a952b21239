/// Steps, gates, delays and tasks on one thread.
import ShalePlatform
import Simulation
import Testing

struct SimulatedSchedulerTests {
    @Test func `time jumps to delayed steps in their order`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let scheduler = simulation.world.scheduler
        let log = OrderLog()
        let start = simulation.time.monotonicNanoseconds
        let wall = simulation.time.wallMilliseconds
        for seconds in [30, 10, 20] {
            scheduler.schedule(.housekeeping, after: .seconds(seconds)) { log.add(seconds) }
        }
        try simulation.scheduler.runUntilIdle()
        #expect(log.order == [])
        try simulation.run(until: { log.order.count == 3 })
        #expect(log.order == [10, 20, 30])
        #expect(simulation.time.monotonicNanoseconds - start >= 30_000_000_000)
        #expect(simulation.time.wallMilliseconds - wall >= 30_000)
    }

    @Test func `running for a time runs what is due in it and no more`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let log = OrderLog()
        for seconds in [1, 2, 3] {
            simulation.world.scheduler.schedule(.log, after: .seconds(seconds)) { log.add(seconds) }
        }
        let start = simulation.time.monotonicNanoseconds
        try simulation.scheduler.run(for: .milliseconds(2_500))
        #expect(log.order == [1, 2])
        #expect(simulation.time.monotonicNanoseconds == start + 2_500_000_000)
    }

    @Test func `waiting on a gate runs others, also from the test itself`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let scheduler = simulation.world.scheduler
        let log = OrderLog()
        let gate = scheduler.makeGate()
        scheduler.schedule(.log, after: .seconds(5)) {
            log.add(1)
            gate.open()
        }
        gate.wait()
        gate.wait()
        #expect(log.order == [1])
    }

    @Test func `a step that waits keeps its class's thread`() throws {
        for seed in 0..<20 as Range<UInt64> {
            let simulation = SimulatedWorld(seed: seed)
            let scheduler = simulation.world.scheduler
            let log = OrderLog()
            let gate = scheduler.makeGate()
            for number in [10, 20] {
                scheduler.schedule(.flush) {
                    log.add(number)
                    gate.wait()
                    log.add(number + 1)
                }
            }
            scheduler.schedule(.compaction) { gate.open() }
            try simulation.scheduler.runUntilIdle()
            #expect([[10, 11, 20, 21], [20, 21, 10, 11]].contains(log.order))
        }
    }

    @Test func `blocking is for steps and callers, not for tasks`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let scheduler = simulation.world.scheduler
        let inTask = try simulation.runTask { scheduler.callerMayBlock }
        #expect(!inTask)
        let log = OrderLog()
        scheduler.schedule(.read) { log.add(scheduler.callerMayBlock ? 1 : 0) }
        simulation.scheduler.addCaller { log.add(scheduler.callerMayBlock ? 1 : 0) }
        try simulation.scheduler.runUntilIdle()
        #expect(log.order == [1, 1])
        simulation.scheduler.setCallerMayBlock(false)
        #expect(!scheduler.callerMayBlock)
        simulation.scheduler.setCallerMayBlock(nil)
        #expect(scheduler.callerMayBlock)
    }

    @Test func `tasks, their children and steps interleave differently by seed`() throws {
        let orders = try (0..<30).map { seed -> [Int] in
            let simulation = SimulatedWorld(seed: UInt64(seed))
            let scheduler = simulation.world.scheduler
            let log = OrderLog()
            let results = try simulation.runTasks(3) { number in
                async let child: Void = scheduler.run(.read) { log.add(10 + number) }
                await scheduler.run(.log) { log.add(number) }
                await child
                return number
            }
            #expect(try results.map { try $0.get() } == [0, 1, 2])
            return log.order
        }
        #expect(Set(orders).count > 20)
        #expect(orders.allSatisfy { $0.sorted() == [0, 1, 2, 10, 11, 12] })
    }

    @Test func `a task's error comes out`() {
        let simulation = SimulatedWorld(seed: 2)
        #expect(throws: FileError.self) {
            try simulation.runTask { throw FileError(.noSpace, "write", "a", "full") }
        }
    }

    @Test func `waiting for what never comes is reported`() {
        let simulation = SimulatedWorld(seed: 2)
        #expect(throws: SimulationStuck.self) { try simulation.run(until: { false }) }
        let scheduler = simulation.world.scheduler
        @Sendable func again() { scheduler.schedule(.housekeeping, after: .seconds(1), again) }
        again()
        #expect(throws: SimulationStuck.self) {
            try simulation.run(until: { false }, maximumSteps: 100)
        }
    }

    @Test func `after shutting down nothing runs`() throws {
        let simulation = SimulatedWorld(seed: 2)
        let scheduler = simulation.world.scheduler
        let log = OrderLog()
        scheduler.schedule(.log) { log.add(1) }
        scheduler.schedule(.log, after: .seconds(1)) { log.add(2) }
        scheduler.shutDown()
        scheduler.schedule(.log) { log.add(3) }
        #expect(!simulation.scheduler.runOne())
        #expect(log.order == [])
    }

    @Test func `a deadlock at a gate ends the process`() async {
        await #expect(processExitsWith: .failure) {
            SimulatedWorld(seed: 2).world.scheduler.makeGate().wait()
        }
    }

    @Test func `a task that blocks ends the process`() async {
        await #expect(processExitsWith: .failure) {
            let simulation = SimulatedWorld(seed: 2)
            let gate = simulation.world.scheduler.makeGate()
            simulation.world.scheduler.schedule(.log, after: .seconds(1)) { gate.open() }
            try simulation.runTask { gate.wait() }
        }
    }
}
