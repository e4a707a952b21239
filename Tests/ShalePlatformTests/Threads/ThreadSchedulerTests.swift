/// Steps on real threads: which run side by side, in which order, and how it ends.
import ShalePlatform
import Synchronization
import Testing

struct ThreadSchedulerTests {
    /// What happened in which order.
    final class OrderLog: Sendable {
        private let entries = Mutex<[Int]>([])
        var order: [Int] { entries.withLock { $0 } }
        func add(_ entry: Int) { entries.withLock { $0.append(entry) } }
    }

    @Test(arguments: [WorkClass.log, .flush, .compaction, .housekeeping, .timer])
    func `a class with one thread runs its steps in their order`(work: WorkClass) {
        let scheduler = ThreadScheduler()
        let log = OrderLog()
        let gate = scheduler.makeGate()
        for number in 0..<1_000 { scheduler.schedule(work) { log.add(number) } }
        scheduler.schedule(work) { gate.open() }
        gate.wait()
        #expect(log.order == Array(0..<1_000))
        scheduler.shutDown()
    }

    @Test func `no class waits for another`() {
        let scheduler = ThreadScheduler()
        // Each class waits for the one after it, so all five must run at once.
        let gates = (0...WorkClass.allCases.count).map { _ in scheduler.makeGate() }
        for work in WorkClass.allCases {
            scheduler.schedule(work) {
                gates[work.rawValue + 1].wait()
                gates[work.rawValue].open()
            }
        }
        gates[WorkClass.allCases.count].open()
        gates[0].wait()
        scheduler.shutDown()
    }

    @Test(arguments: [1, 4, 7])
    func `as many reads run side by side as there are threads`(count: Int) {
        let scheduler = ThreadScheduler(readThreads: count)
        let all = scheduler.makeGate()
        let done = scheduler.makeGate()
        let counter = Counter()
        for _ in 0..<count {
            scheduler.schedule(.read) {
                if counter.increment() == count { all.open() }
                all.wait()
                if counter.increment() == 2 * count { done.open() }
            }
        }
        done.wait()
        #expect(counter.increment() == 2 * count + 1)
        scheduler.shutDown()
    }

    @Test func `delayed steps run in the order of their times, and not before`() {
        let scheduler = ThreadScheduler()
        let time = PosixTimeSource()
        let log = OrderLog()
        let gate = scheduler.makeGate()
        let start = time.monotonicNanoseconds
        for milliseconds in [300, 150, 1] {
            scheduler.schedule(.housekeeping, after: .milliseconds(milliseconds)) {
                let passed = time.monotonicNanoseconds - start
                log.add(passed >= UInt64(milliseconds) * 1_000_000 ? milliseconds : -1)
                if milliseconds == 300 { gate.open() }
            }
        }
        scheduler.schedule(.housekeeping) { log.add(0) }
        gate.wait()
        #expect(log.order.sorted() == [0, 1, 150, 300])
        #expect(log.order.last == 300)
        scheduler.shutDown()
    }

    @Test func `shutting down waits for what runs and drops what waits`() {
        let scheduler = ThreadScheduler()
        let log = OrderLog()
        let (started, release) = (scheduler.makeGate(), scheduler.makeGate())
        scheduler.schedule(.log) {
            started.open()
            release.wait()
            log.add(1)
        }
        scheduler.schedule(.log, after: .seconds(3_600)) { log.add(2) }
        started.wait()
        release.open()
        scheduler.shutDown()
        #expect(log.order == [1])
        scheduler.schedule(.log) { log.add(3) }
        scheduler.shutDown()
        #expect(log.order == [1])
    }

    @Test func `what a dropped step held is let go`() {
        let scheduler = ThreadScheduler()
        var held: Counter? = Counter()
        weak let watched = held
        scheduler.schedule(.log, after: .seconds(3_600)) { [held] in _ = held?.increment() }
        held = nil
        #expect(watched != nil)
        scheduler.shutDown()
        #expect(watched == nil)
    }

    @Test func `only the scheduler's own threads may block`() async {
        let scheduler = ThreadScheduler()
        let other = ThreadScheduler()
        #expect(!scheduler.callerMayBlock)
        #expect(await scheduler.run(.read) { scheduler.callerMayBlock })
        #expect(await !other.run(.read) { scheduler.callerMayBlock })
        scheduler.shutDown()
        other.shutDown()
    }

    @Test func `a task suspends until its step has answered`() async {
        let scheduler = ThreadScheduler()
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<100 { group.addTask { await scheduler.run(.read) { number } } }
            return await group.reduce(0, +)
        }
        #expect(sum == 4_950)
        scheduler.shutDown()
    }

    @Test func `an open gate holds nobody, and a late one lets all through`() {
        let scheduler = ThreadScheduler(readThreads: 8)
        let (gate, done) = (scheduler.makeGate(), scheduler.makeGate())
        let counter = Counter()
        for _ in 0..<8 {
            scheduler.schedule(.read) {
                gate.wait()
                if counter.increment() == 8 { done.open() }
            }
        }
        gate.open()
        done.wait()
        gate.wait()
        gate.open()
        gate.wait()
        scheduler.shutDown()
    }

    @Test func `a scheduler that is dropped ends its threads itself`() {
        weak var watched: ThreadScheduler?
        do {
            let scheduler = ThreadScheduler()
            let gate = scheduler.makeGate()
            scheduler.schedule(.log) { gate.open() }
            gate.wait()
            watched = scheduler
        }
        #expect(watched == nil)
    }

    @Test func `shutting down from inside a step ends the process`() async {
        await #expect(processExitsWith: .failure) {
            let scheduler = ThreadScheduler()
            let gate = scheduler.makeGate()
            scheduler.schedule(.log) {
                scheduler.shutDown()
                gate.open()
            }
            gate.wait()
        }
    }
}

/// A number that threads raise.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func increment() -> Int { value.add(1, ordering: .relaxed).newValue }
}
