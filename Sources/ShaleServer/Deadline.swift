internal import NIOCore
internal import Synchronization

/// Work that is waited for only so long.
enum Deadline {
    /// Waits for `work`, at most `limit`; nil when it took longer.
    ///
    /// The work goes on then, and its answer is dropped.
    static func run<Answer: Sendable>(
        _ limit: Duration,
        on loop: any EventLoop,
        _ work: @escaping @Sendable () async -> Answer
    ) async -> Answer? {
        await withCheckedContinuation { (continuation: CheckedContinuation<Answer?, Never>) in
            let once = Once(continuation)
            let timer = loop.scheduleTask(in: .nanoseconds(Int64(limit.nanoseconds))) {
                once.resume(nil)
            }
            Task {
                let answer = await work()
                timer.cancel()
                once.resume(answer)
            }
        }
    }

    /// A continuation that the first of two resumes.
    private final class Once<Answer: Sendable>: Sendable {
        private let waiting: Mutex<CheckedContinuation<Answer?, Never>?>

        init(_ continuation: CheckedContinuation<Answer?, Never>) { waiting = Mutex(continuation) }

        func resume(_ answer: sending Answer?) {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(returning: answer)
        }
    }
}
