public import Synchronization

/// Finds frames by key, read without a lock: buckets of four words, half a cache line each.
///
///     word      63 … 48        47 … 6            0
///     0 … 3     tag of a key   frame's address   in word 3: whether frames follow in a chain
///
/// A word with another tag is passed over without a look at its frame, which would be another miss of the
/// processor's caches; so a look-up touches its bucket and, of 65,536 foreign frames, one. What does not
/// fit into a bucket is chained behind its last frame.
///
/// The table grows with what it holds, so that a small cache has a small table.
///
/// Whoever changes a bucket holds a lock that is not this type's affair; readers are in it meanwhile. A frame
/// that was removed still points to its successor, so a reader that stands on it goes on; it is freed only
/// when all such readers have left (`Retirement`). While frames move, a reader may miss one that is
/// there: it then reads the block once more, and finds this one when it wants to put its own in.
@safe
@usableFromInline
package struct FrameIndex: ~Copyable, @unchecked Sendable {
    @usableFromInline static let slotCount = 4
    @usableFromInline static let tagShift: UInt = 48
    @usableFromInline static let addressMask: UInt = (1 << 48) - 64
    @usableFromInline static let chainBit: UInt = 1
    private static let leastBuckets = 16

    /// Room for all buckets there can be; the system gives memory to those that are used.
    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt>>
    /// Buckets in use, less one.
    @usableFromInline let mask: Atomic<UInt64>
    private let frameCount = Atomic<Int>(0)
    private let mostBuckets: Int
    private let mixing: @Sendable (UInt64) -> UInt64

    /// An index that grows up to the power of two of buckets that is at least `most`; `mixing` spreads a
    /// key's bits.
    package init(bucketsUpTo most: Int, mixing: @escaping @Sendable (UInt64) -> UInt64) {
        var size = Self.leastBuckets
        while size < most { size *= 2 }
        mostBuckets = size
        self.mixing = mixing
        mask = Atomic(UInt64(Self.leastBuckets - 1))
        unsafe words = UnsafeMutableRawPointer.allocate(
            byteCount: size * Self.slotCount * MemoryLayout<Atomic<UInt>>.stride,
            alignment: 64
        )
        .bindMemory(to: Atomic<UInt>.self, capacity: size * Self.slotCount)
        clear(0..<Self.leastBuckets)
    }

    deinit { unsafe words.deallocate() }

    /// What the buckets in use take.
    package var sizeBytes: Int {
        (Int(mask.load(ordering: .relaxed)) + 1) * Self.slotCount
            * MemoryLayout<Atomic<UInt>>.stride
    }

    /// The frame with this key, if it is in; `mixed` is the key's bits well spread.
    @inlinable @inline(__always)
    package func find(_ key: UInt64, mixed: UInt64) -> Frame? {
        let tag = Self.tag(mixed)
        // Safety: the mask keeps the bucket inside of what was cleared before it was published.
        let bucket = unsafe words + Int(mixed & mask.load(ordering: .acquiring)) * Self.slotCount
        var word: UInt = 0
        for slot in 0..<Self.slotCount {
            word = unsafe (bucket + slot).pointee.load(ordering: .acquiring)
            if word ^ tag < 1 << Self.tagShift, let here = Frame(bits: word & Self.addressMask),
                here.key == key
            {
                return here
            }
        }
        guard word & Self.chainBit != 0 else { return nil }
        return findInChain(key, behind: word)
    }

    @usableFromInline
    func findInChain(_ key: UInt64, behind word: UInt) -> Frame? {
        var frame = Frame(bits: word & Self.addressMask)?.next
        while let here = frame {
            if here.key == key { return here }
            frame = here.next
        }
        return nil
    }

    @inlinable @inline(__always)
    static func tag(_ mixed: UInt64) -> UInt {
        UInt(truncatingIfNeeded: mixed >> 32) << Self.tagShift
    }

    /// Puts a frame in; under the writers' lock.
    package func insert(_ frame: Frame, mixed: UInt64) {
        let buckets = Int(mask.load(ordering: .relaxed)) + 1
        if frameCount.add(1, ordering: .relaxed).newValue > buckets, buckets < mostBuckets {
            grow(from: buckets)
        }
        put(frame, mixed, into: Int(mixed & mask.load(ordering: .relaxed)))
    }

    /// Takes a frame out; under the writers' lock.
    package func remove(_ frame: Frame, mixed: UInt64) {
        let bucket = Int(mixed & mask.load(ordering: .relaxed))
        let last = Self.slotCount - 1
        for slot in 0..<Self.slotCount where word(bucket, slot) & Self.addressMask == frame.bits {
            frameCount.subtract(1, ordering: .relaxed)
            let isChained = slot == last && word(bucket, last) & Self.chainBit != 0
            guard isChained, let next = frame.next else { return set(bucket, slot, 0) }
            return set(bucket, last, entry(next, mixing(next.key), isChained: next.next != nil))
        }
        var previous = Frame(bits: word(bucket, last) & Self.addressMask)
        while let before = previous, let here = before.next {
            guard here.bits == frame.bits else {
                previous = here
                continue
            }
            frameCount.subtract(1, ordering: .relaxed)
            before.setNext(here.next)
            let head = word(bucket, last)
            if here.next == nil, head & Self.addressMask == before.bits {
                set(bucket, last, head & ~Self.chainBit)
            }
            return
        }
    }

    /// Doubles the buckets in use: the frames of each go to it and to the one behind the old end.
    private func grow(from buckets: Int) {
        clear(buckets..<(2 * buckets))
        for bucket in 0..<buckets {
            let frames = frames(of: bucket)
            for slot in 0..<Self.slotCount { set(bucket, slot, 0) }
            for frame in frames {
                let mixed = mixing(frame.key)
                frame.setNext(nil)
                put(frame, mixed, into: Int(mixed & UInt64(2 * buckets - 1)))
            }
        }
        mask.store(UInt64(2 * buckets - 1), ordering: .releasing)
    }

    private func put(_ frame: Frame, _ mixed: UInt64, into bucket: Int) {
        let last = Self.slotCount - 1
        for slot in 0..<Self.slotCount where word(bucket, slot) & Self.addressMask == 0 {
            frame.setNext(nil)
            return set(bucket, slot, entry(frame, mixed, isChained: false))
        }
        guard let head = Frame(bits: word(bucket, last) & Self.addressMask) else {
            preconditionFailure("a full bucket has a last frame")
        }
        frame.setNext(head.next)
        head.setNext(frame)
        set(bucket, last, word(bucket, last) | Self.chainBit)
    }

    private func frames(of bucket: Int) -> [Frame] {
        var frames = (0..<Self.slotCount).compactMap {
            Frame(bits: word(bucket, $0) & Self.addressMask)
        }
        guard word(bucket, Self.slotCount - 1) & Self.chainBit != 0 else { return frames }
        while let next = frames.last?.next { frames.append(next) }
        return frames
    }

    private func entry(_ frame: Frame, _ mixed: UInt64, isChained: Bool) -> UInt {
        precondition(frame.bits & ~Self.addressMask == 0, "frames begin at a line below 2^48")
        return frame.bits | Self.tag(mixed) | (isChained ? Self.chainBit : 0)
    }

    private func word(_ bucket: Int, _ slot: Int) -> UInt {
        // Safety: buckets that are asked for are in use.
        unsafe (words + bucket * Self.slotCount + slot).pointee.load(ordering: .relaxed)
    }

    private func set(_ bucket: Int, _ slot: Int, _ value: UInt) {
        // Safety: as above.
        unsafe (words + bucket * Self.slotCount + slot).pointee.store(value, ordering: .releasing)
    }

    private func clear(_ buckets: Range<Int>) {
        for index in (buckets.lowerBound * Self.slotCount)..<(buckets.upperBound * Self.slotCount) {
            // Safety: there is room for all buckets; an atomic has no deinitializer that counts.
            unsafe (words + index).initialize(to: Atomic(0))
        }
    }
}
