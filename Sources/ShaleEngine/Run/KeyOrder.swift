internal import ShaleBytes

/// How stored keys compare: byte by byte, unsigned, a prefix before what it begins.
///
/// Leaf kernels of the read path: eight bytes at a time, no call, no allocation.
enum KeyOrder {
    private static let word = MemoryLayout<UInt64>.size

    /// How many bytes both begin with.
    @inline(__always)
    static func commonPrefix(_ left: RawSpan, _ right: RawSpan) -> Int {
        let count = min(left.byteCount, right.byteCount)
        var index = 0
        while index + word <= count {
            let difference = left.word(at: index) ^ right.word(at: index)
            if difference != 0 { return index + difference.trailingZeroBitCount / 8 }
            index += word
        }
        while index < count, left.byte(at: index) == right.byte(at: index) { index += 1 }
        return index
    }

    /// Negative, zero or positive: left before right, equal, left after right.
    @inline(__always)
    static func compare(_ left: RawSpan, _ right: RawSpan) -> Int {
        let index = commonPrefix(left, right)
        if index < left.byteCount, index < right.byteCount {
            return Int(left.byte(at: index)) - Int(right.byte(at: index))
        }
        return left.byteCount - right.byteCount
    }

    /// As above, for whole keys.
    static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        // Safety: every bit pattern of a byte is a byte.
        unsafe compare(left.span.bytes, right.span.bytes)
    }

    /// As above, for a lent and a whole key.
    static func compare(_ left: LentBytes, _ right: [UInt8]) -> Int {
        // Safety: every bit pattern of a byte is a byte.
        unsafe compare(left.span, right.span.bytes)
    }

    /// Whether `left` is before `right`.
    static func isAscending(_ left: [UInt8], _ right: [UInt8]) -> Bool { compare(left, right) < 0 }

    /// A short key that is at least `last` and less than `next`; `last` must be less than `next`.
    static func separator(after last: [UInt8], before next: [UInt8]) -> [UInt8] {
        // Safety: every bit pattern of a byte is a byte.
        let shared = unsafe commonPrefix(last.span.bytes, next.span.bytes)
        precondition(shared < next.count, "the keys ascend")
        // A proper prefix of `next` is less than it, and greater than `last` from their first
        // difference on.
        if next.count > shared + 1 { return Array(next[...shared]) }
        guard shared < last.count, last[shared] &+ 1 < next[shared] else { return last }
        return Array(last[..<shared]) + [last[shared] + 1]
    }
}

extension RawSpan {
    /// The little-endian integer at `offset`.
    ///
    /// Traps outside the span: the caller has checked.
    @inline(__always)
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type,
        at offset: Int
    ) -> Integer {
        // Safety: the load is bounds-checked, and every bit pattern of an integer is valid.
        unsafe Integer(
            littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self)
        )
    }

    /// The byte at `offset`.
    ///
    /// Traps outside the span.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // Safety: the load is bounds-checked, and every bit pattern of a byte is valid.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The eight bytes at `offset`, the first in the lowest bits.
    ///
    /// Traps outside the span.
    @inline(__always)
    fileprivate func word(at offset: Int) -> UInt64 { integer(UInt64.self, at: offset) }

    /// The bytes as an array of their own.
    func copied() -> [UInt8] {
        let count = byteCount
        return unsafe withUnsafeBytes { source in
            // Safety: exactly `count` bytes are copied into room for `count`.
            unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
                unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
                initialized = count
            }
        }
    }
}

extension [UInt8] {
    /// Appends the bytes of a span.
    @inline(__always)
    mutating func append(bytesOf span: RawSpan) {
        // Safety: the buffer describes the span, which outlives the call.
        unsafe span.withUnsafeBytes { source in unsafe append(contentsOf: source) }
    }

    /// Appends an integer, little-endian, in its own width.
    @inline(__always)
    mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(integer: Integer) {
        let word = integer.littleEndian
        // Safety: the bytes of an integer are bytes.
        unsafe Swift.withUnsafeBytes(of: word) { source in unsafe append(contentsOf: source) }
    }

    /// Appends an unsigned LEB128 varint.
    @inline(__always)
    mutating func append(varint value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
