/// What runs next, and on which thread.

internal import ShalePlatform
internal import Synchronization

extension SimulatedScheduler {
    /// Whether anything runs just now, that is whether the caller is inside a step or a job.
    public var isRunning: Bool { state.withLock { $0.current != nil } }

    /// Runs one step or job that the seed chooses; when only delayed steps are left, time jumps first.
    ///
    /// - Returns: whether there was anything that could run.
    @discardableResult
    public func runOne() -> Bool { runOne(notAfter: .max) }

    /// Runs one step or job that is ready now; time does not jump.
    func runOneReady() -> Bool { runOne(notAfter: 0) }

    /// Runs one, whose time is at most `limit` if it is delayed, until it has ended or waits.
    func runOne(notAfter limit: UInt64) -> Bool {
        // The first question comes before the step.
        let asked = Atomic(false)
        let isDone = { asked.exchange(true, ordering: .relaxed) }
        return drive(isDone, notAfter: limit, maximumSteps: .max) == .done
    }

    /// Runs everything that is ready, but does not jump to delayed steps.
    public func runUntilIdle(
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        let outcome = drive({ false }, notAfter: 0, maximumSteps: maximumSteps)
        guard outcome != .idle else { return }
        throw stuck("there was always more to run, for \(maximumSteps) steps")
    }

    /// Runs everything that comes due within `duration`, and then stands at its end.
    public func run(
        for duration: Duration,
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        let end = time.monotonicNanoseconds + duration.wholeNanoseconds
        let outcome = drive({ false }, notAfter: end, maximumSteps: maximumSteps)
        guard outcome != .idle else { return time.advance(to: end) }
        throw stuck("there was always more to run, for \(maximumSteps) steps")
    }

    /// Runs steps and jobs until `isDone` answers true; it is asked before each.
    public func run(
        until isDone: () -> Bool,
        maximumSteps: Int = SimulationStuck.usualLimit
    ) throws(SimulationStuck) {
        switch drive(isDone, notAfter: .max, maximumSteps: maximumSteps) {
        case .done: return
        case .idle: throw stuck("nothing is left to run")
        case .tooManySteps: throw stuck("it is not done after \(maximumSteps) steps")
        }
    }

    // MARK: Driving

    private func drive(
        _ isDone: () -> Bool,
        notAfter limit: UInt64,
        maximumSteps: Int
    ) -> Outcome {
        withoutActuallyEscaping(isDone) { isDone in
            let goal = Goal(isDone: isDone, limit: limit, maximumSteps: maximumSteps)
            state.withLock { state in
                precondition(state.goal == nil, "a world is run by one thread, and not from inside")
                state.goal = goal
            }
            defer { state.withLock { $0.goal = nil } }
            return driveAsBase()
        }
    }

    /// Chooses and runs until the goal is reached or cannot be.
    private func driveAsBase() -> Outcome {
        let own = Baton()
        while true {
            if let outcome = outcome { return outcome }
            switch choose() {
            case nil: return .idle
            case .work(let work): run(work)
            case .resume(let parked):
                state.withLock { $0.base = own }
                parked.baton.hand(.goOn)
                if case .outcome(let outcome) = own.wait() { return outcome }
            }
        }
    }

    /// The same on a thread that stands in for one that waits, until yet another one takes over.
    ///
    /// `rest` is called before that one is told.
    func driveAsWorker(_ rest: () -> Void) {
        while true {
            let isBaseWaiting = state.withLock { $0.base != nil }
            if isBaseWaiting, let outcome = outcome { return giveBack(outcome, rest) }
            switch choose() {
            case nil:
                if isBaseWaiting { return giveBack(.idle, rest) }
                // Who set the limit waits at a gate itself, and has to come back from there first.
                let hasLimit = state.withLock { state in
                    defer { state.goal?.limit = .max }
                    return state.goal?.limit != .max
                }
                guard hasLimit else { fatalError("deadlock: \(stuck("all wait at gates"))") }
            case .work(let work): run(work)
            case .resume(let parked):
                rest()
                return parked.baton.hand(.goOn)
            }
        }
    }

    private func giveBack(_ outcome: Outcome, _ rest: () -> Void) {
        rest()
        state.withLock { $0.base.take() }?.hand(.outcome(outcome))
    }

    /// Sleeps until the gate is open and it is this thread's turn; others run meanwhile.
    func wait(at gate: SimulatedGate) {
        let own = Baton()
        let (context, base, isDriven) = state.withLock { state in
            guard state.goal != nil else { return (state.current, nil as Baton?, false) }
            state.parked.append(Parked(gate: gate, baton: own, context: state.current))
            let context = state.current
            state.current = nil
            return (context, state.base.take(), true)
        }
        guard isDriven else {
            // The test itself waits.
            do throws(SimulationStuck) { return try run(until: { gate.isOpen }) } catch {
                fatalError("deadlock at a gate: \(error)")
            }
        }
        if let base { base.hand(.drive(self)) } else { Drivers.drive(self) }
        _ = own.wait()
        state.withLock { $0.current = context }
    }

    private func run(_ work: Work) {
        switch work {
        case .step(_, let body), .caller(let body): body()
        case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
        state.withLock { $0.current = nil }
    }

    /// Whether the goal is reached; one question a step.
    private var outcome: Outcome? {
        let goal = state.withLock { state in
            if state.goal?.maximumSteps != .min { state.goal?.maximumSteps -= 1 }
            return state.goal
        }
        guard let goal else { return nil }
        if goal.isDone() { return .done }
        return goal.maximumSteps < 0 ? .tooManySteps : nil
    }

    // MARK: Choosing

    /// Takes out what goes on, and notes that it runs.
    private func choose() -> Choice? {
        time.advance(nanoseconds: Self.stepNanoseconds)
        let now = time.monotonicNanoseconds
        let (choice, number, jump) = state.withLock { state -> (Choice?, (Int, Int)?, UInt64?) in
            var now = now
            var jump: UInt64?
            while true {
                while let next = state.delayed.last, next.nanoseconds <= now {
                    state.delayed.removeLast()
                    state.ready.append(next.work)
                }
                if let (choice, number) = choose(&state) { return (choice, number, jump) }
                guard let next = state.delayed.last,
                    next.nanoseconds <= state.goal?.limit ?? .max
                else { return (nil, nil, jump) }
                now = next.nanoseconds
                jump = now
            }
        }
        if let jump { time.advance(to: jump) }
        if let choice, let number {
            trace.record("choose", name(of: choice), UInt64(number.0), UInt64(number.1))
        }
        return choice
    }

    private func choose(_ state: inout State) -> (Choice, (Int, Int))? {
        let runnable = state.ready.indices.filter { isRunnable(state.ready[$0], state) }
        let open = state.parked.indices.filter { state.parked[$0].gate.isOpen }
        let count = runnable.count + open.count
        guard count > 0 else { return nil }
        let number = state.generator.below(count)
        guard number < runnable.count else {
            let parked = state.parked.remove(at: open[number - runnable.count])
            return (.resume(parked), (number, count))
        }
        let work = state.ready.remove(at: runnable[number])
        state.current = context(of: work)
        return (.work(work), (number, count))
    }

    private func isRunnable(_ work: Work, _ state: State) -> Bool {
        guard case .step(let kind, _) = work else { return true }
        let running = state.parked.count { parked in
            if case .step(kind) = parked.context { true } else { false }
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

    private func name(of choice: Choice) -> String {
        switch choice {
        case .work(let work): name(of: work)
        case .resume: "goes on"
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
            let waiting = state.parked.map { $0.context.map { "\($0)" } ?? "test" }
            return SimulationStuck(
                reason: what,
                running: waiting + (state.current.map { ["\($0)"] } ?? []),
                ready: state.ready.map(name(of:)),
                delayedCount: state.delayed.count
            )
        }
    }
}
