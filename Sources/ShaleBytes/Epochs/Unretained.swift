/// A reference that somebody else holds, lent without counting it.
///
/// Valid for as long as its lender says: an open view, for example.
@safe
@frozen
@usableFromInline
// The object is Sendable, and only whoever lent it can make it go.
package struct Unretained<Object: AnyObject & Sendable>: @unchecked Sendable {
    @usableFromInline let reference: Unmanaged<Object>

    /// Lends `object`.
    @inlinable @inline(__always)
    package init(_ object: Object) { unsafe reference = Unmanaged.passUnretained(object) }

    /// Uses the object for the duration of `body`.
    @inlinable @inline(__always)
    package func with<Answer, Failure: Error>(
        _ body: (Object) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        // Safety: the lender keeps the object for at least as long as the call.
        let result = unsafe reference._withUnsafeGuaranteedRef { object in
            Result { () throws(Failure) in try body(object) }
        }
        return try result.get()
    }
}
