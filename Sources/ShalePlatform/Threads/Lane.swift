/// The queue and the threads of one class of work.
///
/// Steps that are ready run in the order in which they became so; delayed ones wait in the order of
/// their times. A thread is started when a step finds none idle, up to the limit, and then stays.
/// A thread holds the lane, never the scheduler.

/// One class of work on the real scheduler.
final class Lane: Sendable {
    private struct State {
        var ready = Queue<@Sendable () -> Void>()
        /// The latest first, so that the next to run is taken from the end.
        var delayed: [Delayed] = []
        var threads: [SystemThread] = []
        var startedCount = 0
        var idleCount = 0
        var phase = Phase.running
    }

    private enum Phase { case running, stopping }

    private struct Delayed {
        let nanoseconds: UInt64
        let step: @Sendable () -> Void
    }

    private let name: String
    private let mark: UInt
    private let threadLimit: Int
    private let time = PosixTimeSource()
    private let monitor = Monitor(State())

    init(name: String, mark: UInt, threadLimit: Int) {
        precondition(threadLimit > 0, "a class of work has a thread")
        self.name = name
        self.mark = mark
        self.threadLimit = threadLimit
    }

    /// Takes a step in, unless the lane stops.
    func add(after nanoseconds: UInt64, _ step: @escaping @Sendable () -> Void) {
        let due = nanoseconds == 0 ? 0 : time.monotonicNanoseconds &+ nanoseconds
        let isTaken = monitor.withLock { state in
            guard state.phase == .running else { return false }
            if nanoseconds == 0 {
                state.ready.append(step)
            } else {
                // Behind all that are due no later; those lie at the end.
                let place = state.delayed.lastIndex { $0.nanoseconds > due }.map { $0 + 1 } ?? 0
                state.delayed.insert(Delayed(nanoseconds: due, step: step), at: place)
            }
            startThreadIfNeeded(&state)
            return true
        }
        if isTaken { monitor.wakeOne() }
    }

    /// Takes no more steps and drops those that wait.
    ///
    /// Those that run go on.
    func stop() {
        let dropped = monitor.withLock { state in
            if state.phase == .running { state.phase = .stopping }
            let waiting = (state.ready, state.delayed)
            state.ready = Queue()
            state.delayed = []
            return waiting
        }
        monitor.wakeAll()
        // What the dropped steps held is let go outside the lock: it may call back.
        withExtendedLifetime(dropped) {}
    }

    /// Waits until the threads have ended.
    ///
    /// After `stop`.
    func join() {
        let threads = monitor.withLock { state in
            let threads = state.threads
            state.threads = []
            return threads
        }
        for thread in threads { thread.join() }
        if !threads.isEmpty {
            monitor.withLock { $0.startedCount = 0 }
            monitor.wakeAll()
        }
        // Somebody else may be joining them.
        monitor.wait { $0.startedCount == 0 ? .found(()) : .nothing }
    }

    /// Lets the threads end by themselves.
    ///
    /// After `stop`, when nobody can wait for them.
    func detach() {
        let threads = monitor.withLock { state in
            let threads = state.threads
            state.threads = []
            state.startedCount = 0
            return threads
        }
        for thread in threads { thread.detach() }
    }

    private func startThreadIfNeeded(_ state: inout State) {
        let waitingCount = state.ready.count + (state.delayed.isEmpty ? 0 : 1)
        guard state.idleCount < waitingCount, state.startedCount < threadLimit else { return }
        state.startedCount += 1
        state.threads.append(SystemThread(name: name, mark: mark) { self.work() })
    }

    private func work() {
        while let step = nextStep() { step() }
    }

    /// The next step, or nil when the lane stops.
    private func nextStep() -> (@Sendable () -> Void)? {
        var isIdle = false
        return monitor.wait { state in
            if isIdle {
                state.idleCount -= 1
                isIdle = false
            }
            if state.phase != .running { return .found(nil) }
            moveDueSteps(&state)
            if let step = state.ready.popFirst() { return .found(step) }
            state.idleCount += 1
            isIdle = true
            guard let next = state.delayed.last else { return .nothing }
            return .nothingBefore(nanoseconds: next.nanoseconds)
        }
    }

    private func moveDueSteps(_ state: inout State) {
        guard !state.delayed.isEmpty else { return }
        let now = time.monotonicNanoseconds
        while let next = state.delayed.last, next.nanoseconds <= now {
            state.delayed.removeLast()
            state.ready.append(next.step)
        }
    }
}

/// First in, first out; both in constant time on average.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let first = elements[head].take()
        head += 1
        // The dead part is never more than half, or 32.
        if head > 32, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}
