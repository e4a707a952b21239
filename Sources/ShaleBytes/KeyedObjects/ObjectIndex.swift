internal import Synchronization

/// Objects by space and key, found without a lock: buckets of references, each with a chain behind it.
///
///     bucket   bits of a reference, 0 for none  ->  KeyedObject.next  ->  …
///
/// Readers hold a slot of the `EpochSlots` under which removed objects are retired. Whoever changes the index
/// holds a lock that is not this type's affair, and readers are in it meanwhile. An object that was removed still
/// points to its successor, so that a reader that stands on it goes on; the successor, should it be removed as
/// well, is kept by the same reader's slot.
///
/// The index holds one reference to each object, and `remove` hands it over.
@safe
// Sendable: buckets are atomics; readers hold epochs, and writers a lock outside, as above.
package struct ObjectIndex: ~Copyable, @unchecked Sendable {
    private let buckets: UnsafeMutablePointer<Atomic<UInt>>
    private let mask: UInt64

    /// An empty index with a power of two of buckets, at least `count`.
    package init(buckets count: Int) {
        var size = 16
        while size < count { size *= 2 }
        mask = UInt64(size - 1)
        unsafe buckets = .allocate(capacity: size)
        for bucket in 0..<size { unsafe (buckets + bucket).initialize(to: Atomic(0)) }
    }

    deinit {
        for bucket in 0...Int(mask) {
            // Safety: the bucket is one of ours, and nobody reads any more.
            var bits = unsafe buckets[bucket].load(ordering: .relaxed)
            while let reference = unsafe Self.reference(bits) {
                bits = unsafe reference._withUnsafeGuaranteedRef {
                    $0.next.load(ordering: .relaxed)
                }
                unsafe reference.release()
            }
        }
        unsafe buckets.deallocate()
    }

    /// How many bytes the buckets take.
    package var sizeBytes: Int { (Int(mask) + 1) * MemoryLayout<Atomic<UInt>>.stride }

    /// The object under a key, lent to a caller that holds a slot or the writers' lock.
    package func find(_ space: UInt64, _ key: LentBytes, hash: UInt64) -> Unretained<KeyedObject>? {
        // Safety: the mask keeps the bucket inside; what it leads to lives as long as the caller's slot.
        var bits = unsafe buckets[Int(hash & mask)].load(ordering: .acquiring)
        while let reference = unsafe Self.reference(bits) {
            let isIt = unsafe reference._withUnsafeGuaranteedRef { object in
                bits = object.next.load(ordering: .acquiring)
                return object.hash == hash && object.space == space
                    && object.key.withLentBytes { LentBytes.areEqual($0, key) }
            }
            if isIt { return unsafe Unretained(lending: reference) }
        }
        return nil
    }

    /// Puts an object in whose key is not there; under the writers' lock.
    package func insert(_ object: KeyedObject) {
        let bits = unsafe UInt(bitPattern: Unmanaged.passRetained(object).toOpaque())
        // Safety: as in `find`.
        let bucket = unsafe buckets + Int(object.hash & mask)
        object.next.store(unsafe bucket.pointee.load(ordering: .relaxed), ordering: .relaxed)
        unsafe bucket.pointee.store(bits, ordering: .releasing)
    }

    /// Takes an object out that is in; under the writers' lock.
    ///
    /// - Returns: the index's own reference, to be retired.
    package func remove(_ object: KeyedObject) -> KeyedObject {
        let own = unsafe UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque())
        let next = object.next.load(ordering: .relaxed)
        // Safety: as in `find`; nobody else changes the chain.
        let bucket = unsafe buckets + Int(object.hash & mask)
        var bits = unsafe bucket.pointee.load(ordering: .relaxed)
        if bits == own {
            unsafe bucket.pointee.store(next, ordering: .releasing)
        } else {
            while let reference = unsafe Self.reference(bits) {
                bits = unsafe reference._withUnsafeGuaranteedRef { before in
                    let behind = before.next.load(ordering: .relaxed)
                    if behind == own { before.next.store(next, ordering: .releasing) }
                    return behind
                }
                if bits == own { break }
            }
            precondition(bits == own, "what is removed was in its bucket")
        }
        // Safety: the reference was retained when the object was put in.
        return unsafe Unmanaged.passUnretained(object).takeRetainedValue()
    }

    @inline(__always)
    private static func reference(_ bits: UInt) -> Unmanaged<KeyedObject>? {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: bits) else { return nil }
        // Safety: the bits are those of a reference that was retained when it was put in.
        return unsafe Unmanaged.fromOpaque(pointer)
    }
}

extension Unretained {
    /// Lends what a reference leads to.
    @inline(__always)
    init(lending reference: Unmanaged<Object>) { unsafe self.reference = reference }
}
