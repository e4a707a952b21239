/// Bytes that are put together on the stack and lent for one call.
@safe
@frozen
@usableFromInline
package struct Scratch {
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline let capacity: Int
    @usableFromInline package private(set) var count = 0

    @inlinable @inline(__always)
    init(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { preconditionFailure("a scratch has room") }
        unsafe start = base
        capacity = buffer.count
    }

    /// Room for `capacity` bytes for the duration of `body`; small ones are on the stack.
    @inlinable @inline(__always)
    package static func with<Answer, Failure: Error>(
        capacity: Int,
        _ body: (inout Scratch) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let result = unsafe withUnsafeTemporaryAllocation(
            byteCount: max(8, capacity),
            alignment: 8
        ) { buffer in
            Result { () throws(Failure) in
                var scratch = unsafe Scratch(buffer)
                return try body(&scratch)
            }
        }
        return try result.get()
    }

    /// What was appended so far, lent for as long as the scratch is there.
    @inlinable @inline(__always) package var lent: LentBytes {
        // Safety: the first `count` bytes are written, and stay as long as the scratch.
        unsafe LentBytes(unsafeStart: start, count: count)
    }

    /// Appends bytes.
    @inlinable @inline(__always)
    package mutating func append(_ bytes: RawSpan) {
        precondition(count + bytes.byteCount <= capacity, "the scratch has room")
        // Safety: the room was just checked, and the source is another object.
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + count).copyMemory(from: base, byteCount: source.count)
        }
        count += bytes.byteCount
    }

    /// Appends an integer whose bytes order like its value.
    @inlinable @inline(__always)
    package mutating func append<Integer: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        bigEndian integer: Integer
    ) {
        precondition(count + MemoryLayout<Integer>.size <= capacity, "the scratch has room")
        // Safety: the room was just checked.
        unsafe (start + count).storeBytes(of: integer.bigEndian, as: Integer.self)
        count += MemoryLayout<Integer>.size
    }
}
