public import Synchronization

/// Finds frames by key: buckets of chained frames, read without a lock.
///
/// Whoever changes a bucket holds a lock that is not this type's affair; readers walk the chains meanwhile.
/// A frame that was removed still points to its successor, so a reader that stands on it goes on; it is
/// freed only when all such readers have left (`Retirement`).
@safe
@usableFromInline
package struct FrameIndex: ~Copyable, @unchecked Sendable {
    @usableFromInline let buckets: UnsafeMutablePointer<Atomic<UInt>>
    @usableFromInline let mask: UInt64
    private let bucketCount: Int

    /// An index with as many buckets as the next power of two from `count` on.
    package init(bucketsAtLeast count: Int) {
        var size = 64
        while size < count { size *= 2 }
        bucketCount = size
        mask = UInt64(size - 1)
        unsafe buckets = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: size)
        for index in 0..<size { unsafe (buckets + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe buckets.deallocate() }

    /// What the buckets take.
    package var sizeBytes: Int { bucketCount * MemoryLayout<Atomic<UInt>>.stride }

    /// The frame with this key, if it is in; `mixed` is the key's bits well spread.
    @inlinable @inline(__always)
    package func find(_ key: UInt64, mixed: UInt64) -> Frame? {
        // Safety: the mask keeps the bucket inside.
        let bucket = unsafe buckets + Int(mixed & mask)
        var frame = Frame(bits: unsafe bucket.pointee.load(ordering: .acquiring))
        while let here = frame {
            if here.key == key { return here }
            frame = here.next
        }
        return nil
    }

    /// Puts a frame in; under the writers' lock.
    package func insert(_ frame: Frame, mixed: UInt64) {
        let bucket = unsafe buckets + Int(mixed & mask)
        frame.setNext(Frame(bits: unsafe bucket.pointee.load(ordering: .relaxed)))
        unsafe bucket.pointee.store(frame.bits, ordering: .releasing)
    }

    /// Takes a frame out; under the writers' lock.
    package func remove(_ frame: Frame, mixed: UInt64) {
        let bucket = unsafe buckets + Int(mixed & mask)
        var previous: Frame?
        var current = Frame(bits: unsafe bucket.pointee.load(ordering: .relaxed))
        while let here = current {
            if here.bits == frame.bits {
                if let previous {
                    previous.setNext(here.next)
                } else {
                    unsafe bucket.pointee.store(here.next?.bits ?? 0, ordering: .releasing)
                }
                return
            }
            previous = here
            current = here.next
        }
    }
}
