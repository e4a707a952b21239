/// Swift tasks in the simulated world: every piece of them between two suspensions is a job that the
/// seed orders among all other steps.
///
/// Children of such a task (`async let`, task groups) stay in the simulation; an unstructured
/// `Task { }` started inside one leaves it, and with it everything that a seed can decide, unless it is
/// started on the scheduler's `taskExecutor`.

internal import Synchronization

extension SimulatedScheduler: TaskExecutor {
    /// Takes a job of a task in.
    public func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job)), after: 0) }

    /// This world: what a program starts in tasks of its own stays in it.
    public var taskExecutor: (any TaskExecutor)? { self }

    /// Starts a task; it runs whenever the simulation does.
    public func startTask<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) -> SimulatedTask<Answer> {
        let outcome = SimulatedTask<Answer>.Outcome()
        let task = Task.detached(executorPreference: self) {
            let result: Result<Answer, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            outcome.value.withLock { $0 = result }
        }
        return SimulatedTask(outcome: outcome, task: task)
    }

    /// Runs the simulation until a task has ended.
    public func runTask<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) throws -> Answer {
        let task = startTask(body)
        try run(until: { task.isFinished })
        guard let result = task.result else { preconditionFailure("a finished task has a result") }
        return try result.get()
    }

    /// Runs `count` tasks, interleaved, until all have ended; their results in order.
    ///
    /// Each is given its number, from 0.
    public func runTasks<Answer: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (Int) async throws -> Answer
    ) throws(SimulationStuck) -> [Result<Answer, any Error>] {
        let tasks = (0..<count).map { number in startTask { try await body(number) } }
        try run(until: { tasks.allSatisfy(\.isFinished) })
        return tasks.compactMap(\.result)
    }
}

/// A task that runs in the simulation.
public final class SimulatedTask<Answer: Sendable>: Sendable {
    final class Outcome: Sendable {
        let value = Mutex<Result<Answer, any Error>?>(nil)
    }

    private let outcome: Outcome
    private let task: Task<Void, Never>

    init(outcome: Outcome, task: Task<Void, Never>) {
        self.outcome = outcome
        self.task = task
    }

    /// What came out, or nil while the task runs; for ever nil for a task that a crash cut off.
    public var result: Result<Answer, any Error>? { outcome.value.withLock { $0 } }

    /// Whether there is a result.
    public var isFinished: Bool { result != nil }

    /// Asks the task to stop.
    public func cancel() { task.cancel() }
}
