/// One thread that runs everything: the engine's steps, the callers that a test starts, and the jobs
/// of Swift tasks. Which of them is next, the seed decides.
///
/// What runs may wait on a gate: then others run inside the wait, on the same stack, until the gate
/// is open. As on the real scheduler, a class of work has a limited number of threads, so a step that
/// waits keeps its thread and a second log step never runs inside a first. When something waits and
/// nothing is left that could run, no real schedule could go on either, and the simulation traps.
///
/// (One schedule is out of reach on one stack: a waiting step goes on only after those that began
/// inside its wait have ended.)

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
            case .log, .flush, .housekeeping: 1
            }
        }
    }

    /// What can be run.
    enum Work {
        case step(WorkClass, @Sendable () -> Void)
        case caller(@Sendable () -> Void)
        case job(UnownedJob)
    }

    private struct Delayed {
        let nanoseconds: UInt64
        let work: Work
    }

    private enum Context { case step(WorkClass), caller, job }

    private struct State {
        var generator: SimulatedGenerator
        var ready: [Work] = []
        /// The latest first.
        var delayed: [Delayed] = []
        /// What runs, the outermost first.
        var contexts: [Context] = []
        var blocking: Bool?
        var hasEnded = false
    }

    /// What one turn of the wheel costs.
    private static let stepNanoseconds: UInt64 = 1_000

    private let state: Mutex<State>
    private let threads: Threads
    private let time: SimulatedTime
    private let trace: Trace

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
            if case .job = state.contexts.last { return false }
            return true
        }
    }

    /// Makes `callerMayBlock` answer this from now on; nil gives it back its own judgement.
    public func setCallerMayBlock(_ answer: Bool?) { state.withLock { $0.blocking = answer } }

    /// Stops taking steps and drops those that wait; none runs on another thread.
    public func shutDown() {
        let context = state.withLock { $0.contexts.last }
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

    // MARK: Running

    /// Whether anything runs just now, that is whether the caller is inside a step or a job.
    public var isRunning: Bool { state.withLock { !$0.contexts.isEmpty } }

    /// Runs one step or job that the seed chooses; when only delayed steps are left, time jumps first.
    ///
    /// - Returns: whether there was anything that could run.
    @discardableResult
    public func runOne() -> Bool { runOne(notAfter: .max) }

    /// Runs one step or job that is ready now; time does not jump.
    func runOneReady() -> Bool { runOne(notAfter: 0) }

    /// Runs everything that is ready, but does not jump to delayed steps.
    public func runUntilIdle(
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        for _ in 0..<maximumSteps where !runOne(notAfter: 0) { return }
        throw stuck("there was always more to run, for \(maximumSteps) steps")
    }

    /// Runs everything that comes due within `duration`, and then stands at its end.
    public func run(
        for duration: Duration,
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        let end = time.monotonicNanoseconds + duration.wholeNanoseconds
        for _ in 0..<maximumSteps where !runOne(notAfter: end) { return time.advance(to: end) }
        throw stuck("there was always more to run, for \(maximumSteps) steps")
    }

    /// Runs steps and jobs until `isDone` answers true; it is asked before each.
    public func run(
        until isDone: () -> Bool,
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        for _ in 0..<maximumSteps {
            if isDone() { return }
            guard runOne() else { throw stuck("nothing is left to run") }
        }
        throw stuck("it is not done after \(maximumSteps) steps")
    }

    /// Runs one, whose time is at most `limit` if it is delayed.
    private func runOne(notAfter limit: UInt64) -> Bool {
        time.advance(nanoseconds: Self.stepNanoseconds)
        guard let work = chooseWork(notAfter: limit) else { return false }
        switch work {
        case .step(_, let body), .caller(let body): body()
        case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
        state.withLock { _ = $0.contexts.removeLast() }
        return true
    }

    /// Takes the next piece of work out and notes that it runs.
    private func chooseWork(notAfter limit: UInt64) -> Work? {
        let now = time.monotonicNanoseconds
        let (work, choice, jump) = state.withLock { state -> (Work?, (Int, Int)?, UInt64?) in
            var now = now
            var jump: UInt64?
            while true {
                while let next = state.delayed.last, next.nanoseconds <= now {
                    state.delayed.removeLast()
                    state.ready.append(next.work)
                }
                let runnable = state.ready.indices.filter { isRunnable(state.ready[$0], state) }
                if !runnable.isEmpty {
                    let choice = state.generator.below(runnable.count)
                    let work = state.ready.remove(at: runnable[choice])
                    state.contexts.append(context(of: work))
                    return (work, (choice, runnable.count), jump)
                }
                guard let next = state.delayed.last, next.nanoseconds <= limit else {
                    return (nil, nil, jump)
                }
                now = next.nanoseconds
                jump = now
            }
        }
        if let jump { time.advance(to: jump) }
        if let choice, let work {
            trace.record("choose", name(of: work), UInt64(choice.0), UInt64(choice.1))
        }
        return work
    }

    private func isRunnable(_ work: Work, _ state: State) -> Bool {
        guard case .step(let kind, _) = work else { return true }
        let running = state.contexts.count { context in
            if case .step(kind) = context { true } else { false }
        }
        return running < threads.count(kind)
    }

    private func context(of work: Work) -> Context {
        switch work {
        case .step(let kind, _): .step(kind)
        case .caller: .caller
        case .job: .job
        }
    }

    private func name(of work: Work) -> String {
        switch work {
        case .step(let kind, _): "\(kind)"
        case .caller: "caller"
        case .job: "job"
        }
    }

    func stuck(_ what: String) -> SimulationStuck {
        state.withLock { state in
            SimulationStuck(
                reason: what,
                running: state.contexts.map { "\($0)" },
                ready: state.ready.map(name(of:)),
                delayedCount: state.delayed.count
            )
        }
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
