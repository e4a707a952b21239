/// Bytes that grow, in memory that is kept and used again.
///
/// For the paths on which every byte of the database goes by: appending is a check of the room that is
/// left and a copy. It has one owner and is never copied. What it lends (`lent`) is valid until the next
/// change. Large buffers begin at a page's boundary, as direct file calls want it.
@safe
@frozen
@usableFromInline
// Safety: the memory has this one owner, and changes need exclusive access.
package struct ByteBuffer: ~Copyable, @unchecked Sendable {
    @usableFromInline var start: UnsafeMutableRawPointer
    /// How many bytes there are.
    @usableFromInline package var count: Int
    /// For how many there is room without taking more memory.
    @usableFromInline package var capacity: Int

    /// Buffers of this size and more begin at a page's boundary.
    @usableFromInline static let pageSizeBytes = 4096

    /// An empty buffer with room for `capacity` bytes.
    @inlinable package init(capacity: Int = 0) {
        let room = max(capacity, 64)
        self.capacity = room
        count = 0
        unsafe start = Self.allocate(room)
    }

    @inlinable deinit { unsafe start.deallocate() }

    @inlinable static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
        .allocate(
            byteCount: capacity,
            alignment: capacity >= pageSizeBytes ? pageSizeBytes : 16
        )
    }

    /// Whether there are no bytes.
    @inlinable package var isEmpty: Bool { count == 0 }

    /// Makes room for `more` bytes behind those that are there.
    @inlinable @inline(__always)
    package mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @usableFromInline mutating func grow(_ more: Int) {
        precondition(more >= 0, "room for a number of bytes")
        let room = max(2 * capacity, count + more)
        let larger = unsafe Self.allocate(room)
        // Safety: both hold at least `count` bytes, and are different memory.
        unsafe larger.copyMemory(from: start, byteCount: count)
        unsafe start.deallocate()
        unsafe start = larger
        capacity = room
    }

    /// Forgets all bytes, keeps the memory.
    @inlinable package mutating func removeAll() { count = 0 }

    /// Forgets the bytes from `length` on.
    @inlinable package mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count, "a part of what is there")
        count = length
    }

    /// Forgets the first `length` bytes; the rest moves to the front.
    package mutating func removeFirst(_ length: Int) {
        precondition(length >= 0 && length <= count, "a part of what is there")
        // Safety: `count - length` bytes from `length` on are there, and overlap is allowed.
        unsafe start.copyMemory(from: start + length, byteCount: count - length)
        count -= length
    }
}

extension ByteBuffer {
    /// Appends one byte.
    @inlinable @inline(__always)
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        // Safety: there is room for it.
        unsafe start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Appends an integer, little-endian, in its own width.
    @inlinable @inline(__always)
    package mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(integer: Integer) {
        let size = MemoryLayout<Integer>.size
        reserve(size)
        // Safety: there is room for it.
        unsafe start.storeBytes(
            of: integer.littleEndian,
            toByteOffset: count,
            as: Integer.self
        )
        count += size
    }

    /// Appends an unsigned LEB128 varint.
    @inlinable @inline(__always)
    package mutating func append(varint value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a copy of lent bytes, which must not be this buffer's own.
    @inlinable @inline(__always)
    package mutating func append(_ bytes: LentBytes) {
        reserve(bytes.count)
        // Safety: there is room for them, and the lender keeps them valid.
        unsafe (start + count).copyMemory(from: bytes.unsafeStart, byteCount: bytes.count)
        count += bytes.count
    }

    /// Appends a copy of an array.
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withLentBytes { append($0) }
    }

    /// Appends a copy of a span.
    package mutating func append(_ bytes: RawSpan) {
        // Safety: the span is valid during the call.
        unsafe bytes.withUnsafeBytes { unsafe append(LentBytes(unsafe: $0)) }
    }

    /// Appends the bytes of words, each little-endian.
    package mutating func append(words: [UInt64]) {
        reserve(words.count * MemoryLayout<UInt64>.size)
        for word in words { append(integer: word) }
    }

    /// Appends what `fill` writes into room for `most` bytes; it answers how many bytes it wrote.
    @inlinable package mutating func append<Failure: Error>(
        upTo most: Int,
        _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        reserve(most)
        // Safety: there is room for `most` bytes behind the first `count`.
        let room = unsafe UnsafeMutableRawBufferPointer(start: start + count, count: most)
        let written = unsafe try fill(room)
        precondition(written >= 0 && written <= most, "no more than there was room for")
        count += written
    }

    /// Appends what `fill` appends to a span with room for `most` bytes.
    package mutating func append<Failure: Error>(
        spanOf most: Int,
        _ fill: (inout OutputRawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        try unsafe append(upTo: most) { (room) throws(Failure) in
            // Safety: the room is this buffer's alone for the duration of the call.
            var span = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
            try fill(&span)
            return unsafe span.finalize(for: room)
        }
    }
}

extension ByteBuffer {
    /// All bytes, valid until the next change.
    @inlinable @inline(__always)
    package var lent: LentBytes {
        // Safety: `count` bytes from `start` on are there.
        unsafe LentBytes(unsafeStart: start, count: count)
    }

    /// The bytes of a range, valid until the next change.
    @inlinable @inline(__always)
    package func lent(_ range: Range<Int>) -> LentBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range inside")
        // Safety: the range was just checked.
        return unsafe LentBytes(unsafeStart: start + range.lowerBound, count: range.count)
    }

    /// A copy that its holder owns.
    package func copied() -> [UInt8] { lent.copied() }
}

extension OutputRawSpan {
    /// Appends a copy of an array, for which there must be room.
    package mutating func append(bytes: [UInt8]) {
        precondition(bytes.count <= freeCapacity, "there is room for them")
        unsafe withUnsafeMutableBytes { room, initialized in
            // Safety: there is room behind the bytes that are there.
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[initialized...])
                .copyBytes(from: bytes)
            initialized += bytes.count
        }
    }
}
