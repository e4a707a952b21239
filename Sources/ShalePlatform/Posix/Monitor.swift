/// A value behind a mutex, with a condition on which threads wait for it to change.
///
/// The mutex and the condition have one address for life, as the system demands, so they live in
/// memory of their own. Deadlines are read on the monotonic clock.

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A value that threads share and wait for.
// Safe: both pointers are private and valid for the life of the object.
// Sendable: the value is touched only under the mutex.
@safe final class Monitor<Value>: @unchecked Sendable {
    /// What a waiting thread found when it looked.
    enum Sight<Answer> {
        /// What it waited for.
        case found(Answer)
        /// Nothing: look again when woken.
        case nothing
        /// Nothing: look again when woken, or at this time of the monotonic clock.
        case nothingBefore(nanoseconds: UInt64)
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: Value) {
        self.value = value
        // Safety: both are fresh memory of their own type, initialized here and only here.
        unsafe require(pthread_mutex_init(mutex, nil), "a mutex is made")
        #if canImport(Glibc)
        var attributes = pthread_condattr_t()
        unsafe require(pthread_condattr_init(&attributes), "attributes are made")
        unsafe require(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), "there is a clock")
        unsafe require(pthread_cond_init(condition, &attributes), "a condition is made")
        unsafe require(pthread_condattr_destroy(&attributes), "attributes are unmade")
        #else
        unsafe require(pthread_cond_init(condition, nil), "a condition is made")
        #endif
    }

    deinit {
        // Safety: nobody refers to the monitor, so nobody waits in it or holds it.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Looks at the value or changes it, alone.
    func withLock<Answer>(_ body: (inout Value) -> Answer) -> Answer {
        // Safety: the mutex is initialized, and unlocked by the thread that locked it.
        unsafe require(pthread_mutex_lock(mutex), "the mutex is not held by this thread")
        defer { unsafe _ = pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// Lets one waiting thread look again.
    func wakeOne() {
        // Safety: the condition is initialized.
        unsafe _ = pthread_cond_signal(condition)
    }

    /// Lets all waiting threads look again.
    func wakeAll() {
        // Safety: the condition is initialized.
        unsafe _ = pthread_cond_broadcast(condition)
    }

    /// Looks, alone, until `look` has found something, and sleeps in between.
    ///
    /// The access to the value ends before the thread sleeps: others change it meanwhile, and one access
    /// over all turns would let the optimiser look at a copy from before.
    func wait<Answer>(_ look: (inout Value) -> Sight<Answer>) -> Answer {
        // Safety: the mutex is initialized, and unlocked by the thread that locked it.
        unsafe require(pthread_mutex_lock(mutex), "the mutex is not held by this thread")
        defer { unsafe _ = pthread_mutex_unlock(mutex) }
        while true {
            switch look(&value) {
            case .found(let answer):
                return answer
            case .nothing:
                // Safety: the thread holds the mutex, and holds it again afterwards.
                unsafe require(pthread_cond_wait(condition, mutex), "the condition is sound")
            case .nothingBefore(let nanoseconds):
                sleep(until: nanoseconds)
            }
        }
    }

    private func sleep(until nanoseconds: UInt64) {
        #if canImport(Glibc)
        var deadline = Self.seconds(nanoseconds)
        // Safety: the thread holds the mutex, and holds it again afterwards.
        let status = unsafe pthread_cond_timedwait(condition, mutex, &deadline)
        #else
        let now = PosixTimeSource().monotonicNanoseconds
        var rest = Self.seconds(nanoseconds > now ? nanoseconds - now : 0)
        // Safety: the thread holds the mutex, and holds it again afterwards.
        let status = unsafe pthread_cond_timedwait_relative_np(condition, mutex, &rest)
        #endif
        precondition(status == 0 || status == ETIMEDOUT, "the condition is sound")
    }

    private static func seconds(_ nanoseconds: UInt64) -> timespec {
        timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
    }
}

/// Traps when a call that can only fail by our mistake has failed.
private func require(_ status: Int32, _ expectation: StaticString) {
    precondition(status == 0, "\(expectation)")
}
