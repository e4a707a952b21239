/// One thread at a time runs everything: the engine's steps, the callers that a test starts, and the jobs
/// of Swift tasks. Which of them is next, the seed decides.
///
/// What runs may wait on a gate: then its thread sleeps and another one chooses what runs meanwhile; once the
/// gate is open, to go on is one of the choices. As on the real scheduler, a class of work has a limited
/// number of threads, so a step that waits keeps its place and a second log step never runs beside a first.
/// When something waits and nothing is left that could run, no real schedule could go on either, and the
/// simulation traps.

public import ShalePlatform
internal import Synchronization

/// The scheduler of a simulated world, and the executor of the tasks that run in it.
public final class SimulatedScheduler: Scheduler {
    /// How many steps of each class may run, that is wait inside one another, at a time.
    public struct Threads: Sendable {
        /// Of `.read`.
        public var read = 4
        /// Of `.compaction`.
        public var compaction = 1

        /// The numbers of the real scheduler, unless stated.
        public init(read: Int = 4, compaction: Int = 1) {
            self.read = read
            self.compaction = compaction
        }

        func count(_ work: WorkClass) -> Int {
            switch work {
            case .read: read
            case .compaction: compaction
            case .log, .flush, .housekeeping, .timer: 1
            }
        }
    }

    /// What can be run.
    enum Work {
        case step(WorkClass, @Sendable () -> Void)
        case caller(@Sendable () -> Void)
        case job(UnownedJob)
    }

    struct Delayed {
        let nanoseconds: UInt64
        let work: Work
    }

    enum Context: Sendable { case step(WorkClass), caller, job }

    /// What waits at a gate.
    struct Parked {
        let gate: SimulatedGate
        let baton: Baton
        let context: Context?
    }

    /// What is chosen to go on.
    enum Choice {
        case work(Work)
        case resume(Parked)
    }

    /// For what the thread that started it runs the simulation.
    // Only the one thread that runs asks it.
    struct Goal: @unchecked Sendable {
        var isDone: () -> Bool
        /// How far time may jump.
        var limit: UInt64
        var maximumSteps: Int
    }

    /// How that ended.
    enum Outcome: Sendable {
        case done
        /// There is nothing that could run.
        case idle
        case tooManySteps
    }

    struct State {
        var generator: SimulatedGenerator
        var ready: [Work] = []
        /// The latest first.
        var delayed: [Delayed] = []
        /// What runs.
        var current: Context?
        /// What has begun and waits.
        var parked: [Parked] = []
        /// Where the thread that started it all waits, while another one drives.
        var base: Baton?
        /// As long as it is run.
        var goal: Goal?
        var blocking: Bool?
        var hasEnded = false
    }

    /// What one turn of the wheel costs.
    static let stepNanoseconds: UInt64 = 1_000

    let state: Mutex<State>
    let threads: Threads
    let time: SimulatedTime
    let trace: Trace

    /// A scheduler with nothing to do.
    public init(seed: UInt64, time: SimulatedTime, trace: Trace, threads: Threads = Threads()) {
        state = Mutex(State(generator: SimulatedGenerator(seed: seed, stream: 2)))
        self.threads = threads
        self.time = time
        self.trace = trace
    }

    // MARK: The protocol

    /// Queues a step.
    public func schedule(
        _ work: WorkClass,
        after delay: Duration,
        _ step: @escaping @Sendable () -> Void
    ) {
        precondition(delay >= .zero, "a step does not run in the past")
        add(.step(work, step), after: delay.wholeNanoseconds)
    }

    /// A gate whose waiting runs other steps.
    public func makeGate() -> any Gate { SimulatedGate(self) }

    /// False inside a task's job, true elsewhere, unless a test has decided otherwise.
    public var callerMayBlock: Bool {
        state.withLock { state in
            if let decided = state.blocking { return decided }
            if case .job = state.current { return false }
            return true
        }
    }

    /// Makes `callerMayBlock` answer this from now on; nil gives it back its own judgement.
    public func setCallerMayBlock(_ answer: Bool?) { state.withLock { $0.blocking = answer } }

    /// Stops taking steps and drops those that wait; none runs on another thread.
    public func shutDown() {
        let context = state.withLock { $0.current }
        if case .step = context { preconditionFailure("a step cannot wait for its own end") }
        end()
    }

    // MARK: Adding

    /// Adds what a thread of the embedding program does: it may block, and no class limits it.
    public func addCaller(_ body: @escaping @Sendable () -> Void) { add(.caller(body), after: 0) }

    func add(_ work: Work, after nanoseconds: UInt64) {
        let now = time.monotonicNanoseconds
        state.withLock { state in
            guard !state.hasEnded else { return }
            if nanoseconds == 0 { return state.ready.append(work) }
            let due = now + nanoseconds
            let place = state.delayed.lastIndex { $0.nanoseconds > due }.map { $0 + 1 } ?? 0
            state.delayed.insert(Delayed(nanoseconds: due, work: work), at: place)
        }
    }

    /// Drops everything and takes nothing more.
    func end() {
        let dropped = state.withLock { state in
            state.hasEnded = true
            let waiting = (state.ready, state.delayed)
            state.ready = []
            state.delayed = []
            return waiting
        }
        withExtendedLifetime(dropped) {}
    }
}

/// The simulation cannot go on, or does not come to an end.
public struct SimulationStuck: Error, Sendable, CustomStringConvertible {
    /// How many steps a run takes at most, unless stated: more than any test needs.
    public static let usualLimit = 10_000_000

    /// What was wanted.
    public var reason: String
    /// What runs or waits, the outermost first.
    public var running: [String]
    /// What is ready but may not run because its class has no thread left.
    public var ready: [String]
    /// How many delayed steps there are.
    public var delayedCount: Int

    /// All of it.
    public var description: String {
        "the simulation is stuck: \(reason); waiting inside one another: \(running), "
            + "ready: \(ready), delayed: \(delayedCount)"
    }
}
