internal import CShaleShims

/// A value behind a lock that spins for a moment and then sleeps.
///
/// For values that are touched often, for well under a microsecond, by several threads: a waiting
/// thread usually gets its turn without a call of the system, and no thread is handed a lock that it
/// cannot use yet. Never held across a call that waits.
// Sendable: the value is touched only under the lock.
@safe
package final class Guarded<Value>: @unchecked Sendable {
    /// The lock and, behind it, nothing else: two cache lines of their own.
    private let lock: UnsafeMutablePointer<UInt32>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Guards `value`.
    package init(_ value: Value) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)
        unsafe lock = memory.bindMemory(to: UInt32.self, capacity: 1)
        unsafe lock.initialize(to: 0)
        unsafe self.value = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    deinit {
        // Safety: nobody refers to the object, so nobody holds the lock.
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        unsafe UnsafeMutableRawPointer(lock).deallocate()
    }

    @usableFromInline
    func take() {
        // Safety: the word is initialized and lives as long as the object.
        unsafe shale_lock_take(lock)
    }

    @usableFromInline
    func give() {
        // Safety: as above.
        unsafe shale_lock_give(lock)
    }

    /// Looks at the value or changes it, alone.
    @inlinable
    package func withLock<Answer, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        take()
        defer { give() }
        // Safety: the value is initialized, and nobody else touches it meanwhile.
        return try unsafe body(&value.pointee)
    }
}

/// Waiting without sleeping.
package enum Pause {
    /// A few nanoseconds in which the processor serves others.
    package static func briefly() { shale_pause() }
}
