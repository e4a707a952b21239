/// A thread of the operating system, joined exactly once.

internal import CShaleShims

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A running thread.
// Sendable: the system's handle is a value that any thread may use.
struct SystemThread: @unchecked Sendable {
    /// Processors that the system runs threads on.
    static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private let handle: pthread_t

    /// Starts a thread that carries `mark` and runs `body`.
    ///
    /// The name is for debuggers and is cut to what the system takes: 15 bytes on Linux.
    init(name: String, mark: UInt, _ body: @escaping @Sendable () -> Void) {
        let start = Start(name: name, mark: mark, body: body)
        // Safety: the thread takes over the one reference that is passed to it.
        let argument = unsafe Unmanaged.passRetained(start).toOpaque()
        #if canImport(Glibc)
        var handle = pthread_t()
        let status = unsafe pthread_create(&handle, nil, runThread, argument)
        precondition(status == 0, "the system has a thread for us: \(status)")
        self.handle = handle
        #else
        var handle: pthread_t?
        let status = unsafe pthread_create(&handle, nil, runThread, argument)
        guard status == 0, let handle else {
            preconditionFailure("the system has a thread for us: \(status)")
        }
        self.handle = handle
        #endif
    }

    /// Waits until the thread has ended.
    ///
    /// Once.
    func join() {
        let status = pthread_join(handle, nil)
        precondition(status == 0, "a thread is joined once, by another: \(status)")
    }

    /// Lets the thread end by itself.
    ///
    /// Instead of joining it.
    func detach() {
        _ = pthread_detach(handle)
    }

    /// The mark of the thread that asks; 0 for one that was not started here.
    static var currentMark: UInt { UInt(shale_thread_mark()) }
}

/// What a new thread is given.
private final class Start: Sendable {
    let name: String
    let mark: UInt
    let body: @Sendable () -> Void

    init(name: String, mark: UInt, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.mark = mark
        self.body = body
    }

    func run() {
        let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        // A name that the system refuses costs nothing but the name.
        // Safety: the string is passed as a terminated copy that outlives the call.
        unsafe shale_name_this_thread(short)
        shale_set_thread_mark(uintptr_t(mark))
        body()
    }
}

#if canImport(Glibc)
private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    // Safety: this is the reference that `init` passed, taken over once.
    unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
#else
private func runThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    // Safety: this is the reference that `init` passed, taken over once.
    unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
#endif
