/// A key that is put together from parts, over and over, in memory that stays.
@safe
@usableFromInline
// Sendable: it cannot be copied, so whoever has it has the memory alone.
package struct KeyBuffer: ~Copyable, @unchecked Sendable {
    @usableFromInline private(set) var start: UnsafeMutableRawPointer
    @usableFromInline private(set) var capacity: Int
    /// How many bytes the key has.
    @usableFromInline package private(set) var count = 0

    /// An empty key with room for `capacity` bytes; without any it has no memory.
    @inlinable package init(capacity: Int = 64) {
        self.capacity = capacity
        unsafe start =
            capacity > 0
            ? UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
            : Self.nowhere
    }

    /// A key of its own with these bytes.
    package init(copying bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        bytes.withLentBytes { replace(from: 0, with: $0) }
    }

    @inlinable deinit { if capacity > 0 { unsafe start.deallocate() } }

    /// Nothing is ever read or written here.
    @usableFromInline static var nowhere: UnsafeMutableRawPointer {
        guard let nowhere = unsafe UnsafeMutableRawPointer(bitPattern: 8) else {
            preconditionFailure("8 is not 0")
        }
        return unsafe nowhere
    }

    /// The key, lent until it is changed.
    @inlinable @inline(__always) package var lent: LentBytes {
        // Safety: the first `count` bytes are written.
        unsafe LentBytes(unsafeStart: start, count: count)
    }

    /// Keeps the first `kept` bytes and appends `bytes`, which must not be the key's own.
    @inlinable @inline(__always)
    package mutating func replace(from kept: Int, with bytes: LentBytes) {
        precondition(kept >= 0 && kept <= count, "only what is there is kept")
        let size = kept + bytes.count
        if size > capacity { grow(to: size, keeping: kept) }
        // Safety: there is room for `size` bytes, and the source is other memory.
        unsafe (start + kept).copyMemory(from: bytes.unsafeStart, byteCount: bytes.count)
        count = size
    }

    @usableFromInline
    mutating func grow(to size: Int, keeping kept: Int) {
        let larger = max(size, capacity * 2, 32)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        // Safety: both have at least `kept` bytes.
        unsafe memory.copyMemory(from: start, byteCount: kept)
        if capacity > 0 { unsafe start.deallocate() }
        unsafe start = memory
        capacity = larger
    }
}
