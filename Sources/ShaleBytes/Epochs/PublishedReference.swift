public import Synchronization

/// A reference that readers follow without counting it.
///
/// Readers hold a slot; whoever replaces the reference retires the old one, so that it lives until they
/// have left.
@safe
@usableFromInline
package struct PublishedReference<Object: AnyObject & Sendable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let bits: Atomic<UInt>

    /// Publishes `object`.
    package init(_ object: Object) {
        let reference = unsafe Unmanaged.passRetained(object)
        bits = Atomic(unsafe UInt(bitPattern: reference.toOpaque()))
    }

    deinit { unsafe reference.release() }

    @inlinable @inline(__always)
    var reference: Unmanaged<Object> {
        let bits = bits.load(ordering: .sequentiallyConsistent)
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else {
            preconditionFailure("something is always published")
        }
        // Safety: the bits are those of a reference that was retained when it was published.
        return unsafe Unmanaged.fromOpaque(pointer)
    }

    /// Lends the object to a caller that holds a slot.
    @inlinable @inline(__always)
    package func withCurrent<Answer, Failure: Error>(
        _ body: (Object) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        // Safety: the caller's slot keeps the object from being freed.
        let result = unsafe reference._withUnsafeGuaranteedRef { object in
            Result { () throws(Failure) in try body(object) }
        }
        return try result.get()
    }

    /// Whether `object` is still the one that is published.
    @inlinable @inline(__always)
    package func isCurrent(_ object: Object) -> Bool {
        let own = unsafe UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque())
        return bits.load(ordering: .sequentiallyConsistent) == own
    }

    /// A reference of the caller's own.
    package func strong(_ slots: EpochSlots) -> Object {
        let slot = slots.enter()
        defer { slots.leave(slot) }
        // Safety: as in `withCurrent`; the reference is retained before the slot is left.
        return unsafe reference.takeUnretainedValue()
    }

    /// Publishes `object` and retires the one before; callers take turns.
    package func replace(_ object: Object, _ retirement: Retirement) {
        let old = unsafe reference
        let new = unsafe Unmanaged.passRetained(object)
        bits.store(
            unsafe UInt(bitPattern: new.toOpaque()),
            ordering: .sequentiallyConsistent
        )
        // Safety: the reference that was published is handed over to the retirement.
        retirement.retire(.object(unsafe old.takeRetainedValue()), .later)
    }
}

/// A reference that is published once, when it is first needed, and stays.
@safe
@usableFromInline
package struct LazyPublished<Object: AnyObject & Sendable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let bits = Atomic<UInt>(0)

    /// Nothing is published yet.
    package init() {}

    deinit { unsafe reference?.release() }

    @inlinable @inline(__always)
    var reference: Unmanaged<Object>? {
        let bits = bits.load(ordering: .acquiring)
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return nil }
        // Safety: the bits are those of a reference that was retained when it was published.
        return unsafe Unmanaged.fromOpaque(pointer)
    }

    /// Lends the object, which lives as long as this; nil while there is none.
    @inlinable @inline(__always)
    package func with<Answer, Failure: Error>(
        _ body: (Object) throws(Failure) -> Answer
    ) throws(Failure) -> Answer? {
        guard let reference = unsafe reference else { return nil }
        // Safety: what was published stays for as long as this.
        let result = unsafe reference._withUnsafeGuaranteedRef { object in
            Result { () throws(Failure) in try body(object) }
        }
        return try result.get()
    }

    /// The object; nil while there is none.
    package var strong: Object? { unsafe reference?.takeUnretainedValue() }

    /// Publishes `object` unless another thread was faster.
    /// - Returns: what is published.
    package func publishIfNone(_ object: Object) -> Object {
        let reference = unsafe Unmanaged.passRetained(object)
        let exchange = bits.compareExchange(
            expected: 0,
            desired: unsafe UInt(bitPattern: reference.toOpaque()),
            ordering: .acquiringAndReleasing
        )
        if exchange.exchanged { return object }
        unsafe reference.release()
        guard let published = strong else { preconditionFailure("another thread has published") }
        return published
    }
}
