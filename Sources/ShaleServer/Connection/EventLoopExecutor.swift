internal import NIOCore
internal import Synchronization

/// Runs the jobs of tasks on an event loop: one executor for all connections of a loop.
///
/// Jobs that are handed in before the loop looks are one visit of it. So when a group of log writes is
/// durable, all requests that waited for it go on together, and the thread that syncs the log is
/// back at its work soon.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop
    private let waiting = Mutex<[UnownedJob]>([])

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = waiting.withLock { waiting in
            waiting.append(job)
            return waiting.count == 1
        }
        if isFirst { loop.execute { self.runWaiting() } }
    }

    private func runWaiting() {
        let jobs = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for job in jobs {
            // Safety: the job was consumed by `enqueue`, and is run here and nowhere else.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
