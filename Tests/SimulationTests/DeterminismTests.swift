/// The same seed does the same again, and another seed something else.
import ShalePlatform
import Simulation
import Synchronization
import Testing

struct DeterminismTests {
    /// Two blocking writers, two tasks, a background step that goes on by itself, and a crash.
    static func play(seed: UInt64, keepsEvents: Bool = false) throws -> SimulatedWorld {
        let simulation = SimulatedWorld(seed: seed, keepsEvents: keepsEvents)
        let world = simulation.world
        for writer in 0..<2 {
            let path = "log\(writer)"
            simulation.scheduler.addCaller { write(world, path, 20) }
        }
        for flush in 0..<3 {
            world.scheduler.schedule(.flush, after: .milliseconds(flush)) {
                write(world, "run\(flush)", 3)
            }
        }
        let results = try simulation.runTasks(2) { number in
            for _ in 0..<5 {
                await world.scheduler.run(.read) { _ = world.randomness.next() }
            }
            return number
        }
        #expect(try results.map { try $0.get() } == [0, 1])
        try simulation.scheduler.run(for: .seconds(1))
        simulation.crash()
        for name in try simulation.files.list("") {
            _ = try simulation.files.open(name, .read).read(at: 0, count: 100_000)
        }
        return simulation
    }

    /// Appends blocks, every third synced, with a gate between that another step opens.
    static func write(_ world: World, _ path: String, _ count: Int) {
        do throws(FileError) {
            let file = try world.files.open(path, .create)
            for block in 0..<count {
                let bytes = [UInt8](repeating: UInt8(block + 1), count: 700)
                try file.write(bytes, at: block * bytes.count)
                let gate = world.scheduler.makeGate()
                world.scheduler.schedule(.log) { gate.open() }
                gate.wait()
                if block % 3 == 0 { try file.sync() }
            }
            try world.files.syncDirectory("")
        } catch {
            Issue.record(error)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the same seed gives the same trace`(seed: UInt64) throws {
        let first = try Self.play(seed: seed, keepsEvents: true)
        let second = try Self.play(seed: seed, keepsEvents: true)
        let parting = zip(first.trace.events, second.trace.events).first { $0 != $1 }
        #expect(parting == nil)
        #expect(first.traceHash == second.traceHash)
    }

    @Test func `different seeds give different traces`() throws {
        let hashes = try (0..<20).map { try Self.play(seed: $0).traceHash }
        #expect(Set(hashes).count == hashes.count)
    }

    @Test func `one byte more makes another trace`() throws {
        let hashes = try ([7, 8] as [UInt8]).map { byte -> UInt64 in
            let simulation = SimulatedWorld(seed: 1)
            let file = try simulation.files.open("a", .create)
            try file.write([1, 2, byte], at: 0)
            return simulation.traceHash
        }
        #expect(hashes[0] != hashes[1])
    }

    @Test func `the seed decides which of two callers is first`() throws {
        let orders = try (0..<40).map { seed -> [Int] in
            let simulation = SimulatedWorld(seed: UInt64(seed))
            let log = OrderLog()
            for caller in 0..<3 { simulation.scheduler.addCaller { log.add(caller) } }
            try simulation.scheduler.runUntilIdle()
            return log.order
        }
        #expect(Set(orders).count == 6)
    }
}

/// What happened in which order.
final class OrderLog: Sendable {
    private let entries = Mutex<[Int]>([])

    var order: [Int] { entries.withLock { $0 } }

    func add(_ entry: Int) { entries.withLock { $0.append(entry) } }
}
