/// What may be done with a process that was started, and with what it writes.

internal import CShaleShims

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Signals, ends, memory and output of processes that this program has started.
package enum ChildProcess {
    /// What is done to a whole process group.
    package enum Signal: Sendable {
        /// Stops it until `resume`; it cannot refuse.
        case suspend
        case resume
        case kill
    }

    /// Signals the group that a process leads; it may not have been reaped.
    ///
    /// A group that has ended already is no error.
    package static func signal(_ process: Int32, _ signal: Signal) {
        let number =
            switch signal {
            case .suspend: SIGSTOP
            case .resume: SIGCONT
            case .kill: SIGKILL
            }
        _ = shale_process_signal(process, number)
    }

    /// Reaps a process that has ended.
    ///
    /// - Returns: What `waitpid` says of its end; nil while it runs.
    package static func reap(_ process: Int32) -> Int32? {
        var status: Int32 = 0
        // Safety: the status outlives the call.
        return unsafe shale_process_reap(process, &status) == 1 ? status : nil
    }

    /// Kills a process that was just started, and reaps it.
    package static func end(_ process: Int32) {
        signal(process, .kill)
        while reap(process) == nil { sched_yield() }
    }

    /// Kills every process of a user, in whatever group it is; root's are not touched.
    ///
    /// - Returns: Whether that could be done.
    package static func endAll(of user: UInt32) -> Bool { shale_process_end_user(user) == 0 }

    /// Kills every process of several users, those of many users side by side.
    ///
    /// A killed process that nobody reaps is waited for for some 0.1 s. Blocks.
    package static func endAll(of users: [UInt32]) {
        let most = 32
        for start in stride(from: 0, to: users.count, by: most) {
            let threads = users[start..<min(start + most, users.count)].map { user in
                SystemThread(name: "shale ends", mark: 0) { _ = endAll(of: user) }
            }
            for thread in threads { thread.join() }
        }
    }

    /// Whether this program may start others as another user.
    package static var mayChangeUser: Bool { geteuid() == 0 }

    /// Bytes in memory of one process; 0 where it cannot be told.
    package static func residentBytes(_ process: Int32) -> Int {
        max(0, Int(shale_process_resident(process)))
    }

    /// Bytes in memory of all processes of this machine, by session.
    ///
    /// Pages that several processes share count for each. Empty where it cannot be told. Costs about 10 µs a process.
    package static func residentBytesBySession() -> [Int32: Int] {
        // As many as the system has by default.
        let most = 32_768
        var bytes: [Int32: Int] = [:]
        unsafe withUnsafeTemporaryAllocation(of: shale_session.self, capacity: most) { sessions in
            guard let start = sessions.baseAddress else { return }
            let count = unsafe Int(shale_process_sessions(start, Int32(most)))
            // Safety: so many were written.
            for place in 0..<max(0, count) {
                let session = unsafe start[place]
                bytes[session.session, default: 0] += Int(session.bytes)
            }
        }
        return bytes
    }

    /// A pipe whose descriptors no other program inherits.
    package static func makePipe() throws(FileError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        // Safety: there is room for both.
        guard unsafe pipe(&ends) == 0 else {
            throw SystemFailure(number: errno).during("open", "a pipe")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    /// Closes a descriptor.
    package static func close(_ descriptor: Int32) { SystemCalls.closeFile(descriptor) }

    /// What a pipe holds now, at most `limit` bytes; empty where it holds nothing or has ended.
    package static func read(_ descriptor: Int32, limit: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: limit) { target, count in
            #if canImport(Glibc)
            // Safety: the target has room for `limit` bytes.
            let answer = unsafe Glibc.read(descriptor, target.baseAddress, limit)
            #else
            let answer = unsafe Darwin.read(descriptor, target.baseAddress, limit)
            #endif
            count = max(0, answer)
        }
    }
}
