public import Synchronization

/// A block in memory outside of reference counting: a header and the block's bytes behind it.
///
/// Its memory comes from `FramePool`. A frame is made by one thread, published through a `FrameIndex`, and
/// freed once, when no reader can see it (`Retirement`). In between only `hits` and `next` change.
///
///     offset  size  field
///          0     8  key
///          8     8  next frame of the same bucket (atomic)
///         16     8  hits since the cache last looked (atomic)
///         24     8  length of the body in bytes
///         32    24  three words that say how the body is laid out
///         56     8  memory that the frame takes; the lowest bit says that it is not of a slab
///         64     *  body
@safe
@frozen
@usableFromInline
// What is not atomic in it does not change once it is published.
package struct Frame: @unchecked Sendable {
    @usableFromInline static let nextOffset = 8
    @usableFromInline static let hitsOffset = 16
    @usableFromInline static let countOffset = 24
    @usableFromInline static let layoutOffset = 32
    @usableFromInline static let roomOffset = 56
    /// One cache line.
    @usableFromInline static let headerSize = 64

    /// Words that say how a body is laid out.
    @frozen
    @usableFromInline
    package struct Layout: Sendable {
        @usableFromInline package var kind: UInt64
        @usableFromInline package var first: UInt64
        @usableFromInline package var second: UInt64

        @inlinable @inline(__always) package init(kind: UInt64, first: UInt64, second: UInt64) {
            self.kind = kind
            self.first = first
            self.second = second
        }
    }

    @usableFromInline let pointer: UnsafeMutableRawPointer

    @inlinable @inline(__always) init(pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer
    }

    /// A new frame whose body `fill` writes completely.
    package init<Failure: Error>(
        key: UInt64,
        count: Int,
        fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(count >= 0, "a count is not negative")
        let room = FramePool.take(Self.headerSize + count)
        // Safety: a pool gives memory, which is never at 0.
        let memory = unsafe UnsafeMutableRawPointer(bitPattern: room.place.address)
            .unsafelyUnwrapped
        // Safety: the header and `count` bytes were just allocated.
        unsafe memory.initializeMemory(as: UInt64.self, repeating: 0, count: Self.headerSize / 8)
        unsafe memory.storeBytes(of: key, as: UInt64.self)
        unsafe memory.storeBytes(of: count, toByteOffset: Self.countOffset, as: Int.self)
        let word = UInt(room.size) << 1 | (room.isLoose ? 1 : 0)
        unsafe memory.storeBytes(of: word, toByteOffset: Self.roomOffset, as: UInt.self)
        do throws(Failure) {
            try unsafe fill(
                UnsafeMutableRawBufferPointer(start: memory + Self.headerSize, count: count)
            )
        } catch {
            FramePool.give(room)
            throw error
        }
        unsafe pointer = memory
    }

    /// A new frame with what `fill` appends to a span with room for `most` bytes.
    package init<Failure: Error>(
        key: UInt64,
        upTo most: Int,
        fill: (inout OutputRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        var written = 0
        try unsafe self.init(key: key, count: most) { target throws(Failure) in
            // Safety: the memory is this frame's alone for the duration of the call.
            var span = unsafe OutputRawSpan(buffer: target, initializedCount: 0)
            try fill(&span)
            written = unsafe span.finalize(for: target)
        }
        // Safety: the header has a place for the count, and nobody else sees the frame yet.
        unsafe pointer.storeBytes(of: written, toByteOffset: Self.countOffset, as: Int.self)
    }

    /// A new frame with a copy of `body`.
    package init(key: UInt64, copying body: RawSpan) {
        unsafe self.init(key: key, count: body.byteCount) { target in
            // Safety: both have the same length and do not overlap.
            unsafe body.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
        }
    }

    /// A new frame with the `count` bytes that an LZ4 block holds.
    package init(key: UInt64, decompressing packed: RawSpan, count: Int) throws(LZ4.Malformed) {
        try LZ4.check(packed, size: count)
        try unsafe self.init(key: key, count: count) { target throws(LZ4.Malformed) in
            try unsafe LZ4.decompress(packed, into: target)
        }
    }

    /// Gives the memory back; nobody may see the frame any more.
    package func free() {
        let word = unsafe pointer.load(fromByteOffset: Self.roomOffset, as: UInt.self)
        FramePool.give(
            FramePool.Room(
                place: Place(address: bits),
                size: Int(word >> 1),
                isLoose: word & 1 == 1
            )
        )
    }

    /// What the frame counts in a cache: its memory, and its place in the lists.
    package var chargeBytes: Int {
        Int(unsafe pointer.load(fromByteOffset: Self.roomOffset, as: UInt.self) >> 1) + 32
    }

    /// Asks for the first lines of the body, which a search needs next.
    @inline(__always)
    package func prefetchBody() {
        let place = Place(address: bits)
        place.advanced(Self.headerSize).prefetch()
        place.advanced(Self.headerSize + 64).prefetch()
    }

    @inlinable @inline(__always) package var key: UInt64 { unsafe pointer.load(as: UInt64.self) }

    @inlinable @inline(__always) package var count: Int {
        unsafe pointer.load(fromByteOffset: Self.countOffset, as: Int.self)
    }

    /// The body, lent for as long as the frame is not freed.
    @inlinable @inline(__always) package var body: LentBytes {
        // Safety: the body has `count` bytes, which do not change.
        unsafe LentBytes(unsafeStart: pointer + Self.headerSize, count: count)
    }

    /// How the body is laid out; set before the frame is published.
    @inlinable package var layout: Layout {
        get { unsafe pointer.load(fromByteOffset: Self.layoutOffset, as: Layout.self) }
        nonmutating set {
            unsafe pointer.storeBytes(
                of: newValue,
                toByteOffset: Self.layoutOffset,
                as: Layout.self
            )
        }
    }

    @inlinable @inline(__always)
    func atomic(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
        // Safety: the words at these offsets are only ever used as atomics.
        unsafe (pointer + offset).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    /// Counts a use, up to a few: a store only where that changes something, so that readers of one
    /// hot block do not take its line from each other.
    @inlinable @inline(__always)
    package func noteHit() {
        let hits = unsafe atomic(Self.hitsOffset)
        let count = unsafe hits.pointee.load(ordering: .relaxed)
        if count < 3 { unsafe hits.pointee.store(count + 1, ordering: .relaxed) }
    }

    /// How often it was used since this was last lowered.
    package var hits: Int {
        get { Int(unsafe atomic(Self.hitsOffset).pointee.load(ordering: .relaxed)) }
        nonmutating set {
            unsafe atomic(Self.hitsOffset).pointee.store(UInt(newValue), ordering: .relaxed)
        }
    }

    /// The next frame of the same bucket.
    @inlinable @inline(__always) var next: Frame? {
        Frame(bits: unsafe atomic(Self.nextOffset).pointee.load(ordering: .acquiring))
    }

    func setNext(_ next: Frame?) {
        unsafe atomic(Self.nextOffset).pointee.store(next?.bits ?? 0, ordering: .releasing)
    }

    @inlinable @inline(__always) var bits: UInt { unsafe UInt(bitPattern: pointer) }

    @inlinable @inline(__always) init?(bits: UInt) {
        guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: bits) else { return nil }
        unsafe self.pointer = pointer
    }
}
