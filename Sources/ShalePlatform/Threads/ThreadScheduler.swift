/// The real scheduler: threads of the operating system, each class of work with its own.
///
/// So a flush never waits for a compaction, and the log for nobody. Threads are started with the
/// first step that needs them and end with `shutDown`.
///
/// The queues refuse nothing, and are as long as their callers make them: the engine has at most one
/// log step, one flush and one compaction step per partition waiting at a time, and one read for each
/// caller that waits for its answer, whose number the server limits.

internal import Synchronization

/// Runs steps on threads.
public final class ThreadScheduler: Scheduler {
    private static let lastMark = Atomic<UInt>(0)

    private let lanes: [Lane]
    /// What the scheduler's own threads carry.
    private let mark: UInt

    /// Processors of the machine.
    public let processorCount = SystemThread.processorCount

    /// A scheduler that has no thread yet.
    ///
    /// - Parameters:
    ///   - readThreads: how many reads from disk run side by side.
    ///   - compactionThreads: how many compaction steps run side by side.
    public init(readThreads: Int = 4, compactionThreads: Int = 1) {
        // Marks start at 1: 0 is a thread that no scheduler started.
        let mark = Self.lastMark.add(1, ordering: .relaxed).newValue
        self.mark = mark
        lanes = WorkClass.allCases.map { work in
            let (name, threadLimit) =
                switch work {
                case .log: ("shale-log", 1)
                case .read: ("shale-read", readThreads)
                case .flush: ("shale-flush", 1)
                case .compaction: ("shale-compact", compactionThreads)
                case .housekeeping: ("shale-house", 1)
                case .timer: ("shale-timer", 1)
                }
            return Lane(name: name, mark: mark, threadLimit: threadLimit)
        }
    }

    /// Queues a step; a delay counts from now.
    public func schedule(
        _ work: WorkClass,
        after delay: Duration,
        _ step: @escaping @Sendable () -> Void
    ) {
        precondition(delay >= .zero, "a step does not run in the past")
        lanes[work.rawValue].add(after: delay.wholeNanoseconds, step)
    }

    /// A gate on which any thread may wait.
    public func makeGate() -> any Gate { ThreadGate() }

    /// True on the scheduler's own threads only.
    ///
    /// A thread of the program may block as well (a gate works there too); but the scheduler cannot
    /// tell it from one of the cooperative pool.
    public var callerMayBlock: Bool { SystemThread.currentMark == mark }

    /// Stops taking steps, waits for those that run, and drops those that wait.
    ///
    /// Not from inside a step, which would wait for itself. A second call waits for the first.
    public func shutDown() {
        precondition(!callerMayBlock, "a step cannot wait for its own end")
        for lane in lanes { lane.stop() }
        for lane in lanes { lane.join() }
    }

    deinit {
        // Without `shutDown` the last reference may be gone on one of our own threads.
        for lane in lanes {
            lane.stop()
            lane.detach()
        }
    }
}

/// A gate for threads.
final class ThreadGate: Gate {
    private let isOpen = Monitor(false)

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.wakeAll()
    }

    func wait() {
        isOpen.wait { $0 ? .found(()) : .nothing }
    }
}

extension Duration {
    /// Nanoseconds, rounded down, and at most 292 years.
    package var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow, whole >= 0 else { return whole < 0 ? 0 : UInt64(Int64.max) }
        return UInt64(whole) + UInt64(max(0, attoseconds) / 1_000_000_000)
    }
}
