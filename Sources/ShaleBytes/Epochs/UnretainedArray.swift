/// Objects in a fixed order, lent without counting references.
///
/// Owns them: each is retained once, when the array is made, and released when it goes. A reader that
/// is protected otherwise (an open view) uses them through `with`, which costs a load.
@safe
@usableFromInline
package struct UnretainedArray<Object: AnyObject & Sendable>: ~Copyable, @unchecked Sendable {
    @usableFromInline let objects: UnsafeMutablePointer<Unmanaged<Object>>
    /// How many there are.
    @usableFromInline package let count: Int

    /// An array that holds `objects`.
    package init(_ objects: [Object]) {
        count = objects.count
        unsafe self.objects = UnsafeMutablePointer<Unmanaged<Object>>.allocate(
            capacity: max(1, objects.count)
        )
        for (index, object) in objects.enumerated() {
            unsafe (self.objects + index).initialize(to: Unmanaged.passRetained(object))
        }
    }

    deinit {
        for index in 0..<count { unsafe objects[index].release() }
        unsafe objects.deallocate()
    }

    /// Lends the object at `index` for the duration of `body`.
    @inlinable @inline(__always)
    package borrowing func with<Answer, Failure: Error>(
        _ index: Int,
        _ body: (Object) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        precondition(index >= 0 && index < count, "an index inside the array")
        // Safety: the array holds the object for at least as long as the call.
        let result = unsafe objects[index]._withUnsafeGuaranteedRef { object in
            Result { () throws(Failure) in try body(object) }
        }
        return try result.get()
    }
}
