/// One thread that waits for the ends of processes.

internal import CShaleShims
internal import Synchronization

/// Tells when processes that were started here have ended.
///
/// A process is watched by a descriptor of its own, so that neither a signal handler nor a thread for each is needed.
package final class ProcessWatch: Sendable {
    private let descriptor: Int32
    private let thread = Mutex<SystemThread?>(nil)
    private let watched = Mutex<[Int32: @Sendable () -> Void]>([:])

    /// Starts the thread.
    ///
    /// - Throws: What the system refuses.
    package init() throws(FileError) {
        descriptor = shale_process_watch()
        guard descriptor >= 0 else {
            throw SystemFailure(number: -descriptor).during("open", "a watch of processes")
        }
    }

    /// Has the end of a process told, once, on the watch's thread.
    ///
    /// The process is not reaped by that. One that has ended already is told at once.
    ///
    /// - Throws: What the system refuses; nothing is told then.
    package func add(
        _ process: Int32,
        _ ended: @escaping @Sendable () -> Void
    ) throws(FileError) {
        startThread()
        watched.withLock { $0[process] = ended }
        let number = shale_process_watch_add(descriptor, process)
        guard number == 0 else {
            watched.withLock { $0[process] = nil }
            throw SystemFailure(number: -number).during("watch", "process \(process)")
        }
    }

    /// Ends the thread; what is still watched is not told any more.
    ///
    /// Once.
    package func stop() {
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let thread, shale_process_watch_stop(descriptor) == 0 { thread.join() }
        SystemCalls.closeFile(descriptor)
    }

    /// The first process has it started: a program without functions has no such thread.
    private func startThread() {
        thread.withLock { thread in
            guard thread == nil else { return }
            thread = SystemThread(name: "shale processes", mark: 0) { [self] in
                while true {
                    let process = shale_process_watch_next(descriptor)
                    // 0 is `stop`; less is a descriptor that is no watch any more.
                    guard process > 0 else { return }
                    watched.withLock { $0.removeValue(forKey: process) }?()
                }
            }
        }
    }
}
