public import ShalePlatform

/// A scheduler on which every step of one kind of work comes late.
public final class LateSteps: Scheduler {
    private let inner: any Scheduler
    private let late: WorkClass
    private let delay: Duration

    /// Delays steps of `late` beyond what was asked for.
    public init(_ inner: any Scheduler, _ late: WorkClass, by delay: Duration) {
        self.inner = inner
        self.late = late
        self.delay = delay
    }

    /// Queues a step, later than asked for where it is of that kind.
    public func schedule(
        _ work: WorkClass,
        after delay: Duration,
        _ step: @escaping @Sendable () -> Void
    ) {
        inner.schedule(work, after: work == late ? delay + self.delay : delay, step)
    }

    /// A gate of the other scheduler.
    public func makeGate() -> any Gate { inner.makeGate() }
    /// As the other scheduler says.
    public var callerMayBlock: Bool { inner.callerMayBlock }
    /// Ends the other scheduler.
    public func shutDown() { inner.shutDown() }
}
