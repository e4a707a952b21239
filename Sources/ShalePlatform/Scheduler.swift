/// All waiting, waking and background work.
///
/// The engine's background work is cut into steps: a step is a closure that runs to its end
/// without waiting for another step, and schedules its successor itself. On the real platform steps
/// run on a few threads, the most urgent class first; in the simulated world one thread picks the
/// next step by a seed.
public protocol Scheduler: AnyObject, Sendable {
    /// Runs `step` once, at the earliest after `delay`.
    func schedule(_ work: WorkClass, after delay: Duration, _ step: @escaping @Sendable () -> Void)
    /// A one-shot gate on which a blocking caller waits. In the simulated world `wait` runs other steps.
    func makeGate() -> any Gate
    /// Whether the calling thread may block for a disk read or a gate. False on threads of the
    /// cooperative pool and of event loops; the real scheduler answers true only on its own threads.
    var callerMayBlock: Bool { get }
    /// How many steps can make progress at the same time.
    var processorCount: Int { get }
    /// Where tasks run that a program starts by itself; nil where Swift's own threads do.
    ///
    /// A task that is started in another one does not inherit where that runs.
    var taskExecutor: (any TaskExecutor)? { get }
    /// Stops taking steps, waits for those that run, and drops those that wait.
    func shutDown()
}

extension Scheduler {
    /// Two, so that what is divided on real machines is divided everywhere.
    public var processorCount: Int { 2 }

    /// Swift's own threads.
    public var taskExecutor: (any TaskExecutor)? { nil }

    /// Runs `step` once, as soon as possible.
    public func schedule(_ work: WorkClass, _ step: @escaping @Sendable () -> Void) {
        schedule(work, after: .zero, step)
    }

    /// Runs blocking `body` as a step and suspends until it has answered.
    public func run<Answer: Sendable>(
        _ work: WorkClass,
        _ body: @escaping @Sendable () -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            schedule(work) { continuation.resume(returning: body()) }
        }
    }
}

/// Classes of work, the most urgent first.
///
/// Each has threads of its own on the real platform where
/// waiting for another class would be wrong: a flush never waits for a compaction.
public enum WorkClass: Int, Sendable, CaseIterable {
    /// Writing and syncing the log for callers that do not block themselves; one step at a time.
    case log
    /// Reads from disk on behalf of a caller.
    case read
    /// Memtable to run file; preparing log segments.
    case flush
    /// Merging runs.
    case compaction
    /// Deleting files, scrubbing.
    case housekeeping
    /// Waking what waits for a time: steps that only start something else, so that none is late.
    case timer
}

/// A one-shot latch.
public protocol Gate: AnyObject, Sendable {
    /// Lets all present and future waiters through.
    func open()
    /// Blocks until `open`.
    func wait()
}
