/// Bytes that somebody else owns, lent without counting a reference.
///
/// Two words that cost nothing to copy, so that keys and values travel from a block or a memtable to
/// their reader untouched. In return nobody watches over them: a `LentBytes` is valid only as long as
/// whoever lent it says (an open view, a cursor that has not moved on), and must not be kept beyond.
/// Inside those bounds every access is bounds-checked like a span's.
@safe
@usableFromInline
package struct LentBytes: @unchecked Sendable {
    /// Never read when `count` is 0.
    @usableFromInline let start: UnsafeRawPointer
    /// How many bytes are lent.
    @usableFromInline package let count: Int

    /// No bytes.
    @inlinable @inline(__always) package init() {
        guard let nowhere = unsafe UnsafeRawPointer(bitPattern: 8) else {
            preconditionFailure("8 is not 0")
        }
        // Safety: nothing is ever read through it, since there are no bytes.
        unsafe start = nowhere
        count = 0
    }

    /// Lends `count` bytes at `start`, which must stay valid and unchanged for as long as this is used.
    @inlinable @inline(__always) package init(unsafeStart start: UnsafeRawPointer, count: Int) {
        precondition(count >= 0, "a count is not negative")
        unsafe self.start = start
        self.count = count
    }

    /// Lends the bytes that a buffer describes, under the same condition.
    @inlinable @inline(__always) package init(unsafe buffer: UnsafeRawBufferPointer) {
        guard let base = buffer.baseAddress else {
            self.init()
            return
        }
        unsafe self.init(unsafeStart: base, count: buffer.count)
    }

    /// Whether there are none.
    @inlinable @inline(__always) package var isEmpty: Bool { count == 0 }

    /// The address, for leaf kernels that have checked their bounds.
    @inlinable @inline(__always) package var unsafeStart: UnsafeRawPointer { unsafe start }

    /// The byte at `index`.
    @inlinable @inline(__always) package subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "an index inside the lent bytes")
        // Safety: the index was just checked, and every bit pattern of a byte is valid.
        return unsafe start.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The bytes in `range`, lent on.
    @inlinable @inline(__always) package subscript(range: Range<Int>) -> LentBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range inside")
        // Safety: the range was just checked.
        return unsafe LentBytes(unsafeStart: start + range.lowerBound, count: range.count)
    }

    /// The little-endian integer at `offset`.
    @inlinable @inline(__always) package func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type,
        at offset: Int
    ) -> Integer {
        precondition(
            offset >= 0 && offset <= count - MemoryLayout<Integer>.size,
            "an integer inside the lent bytes"
        )
        // Safety: the range was just checked, and every bit pattern of an integer is valid.
        return unsafe Integer(
            littleEndian: start.loadUnaligned(fromByteOffset: offset, as: Integer.self)
        )
    }

    /// The bytes as a span, which lives as long as the variable that it is taken from; the bytes must
    /// live as long, which is what their lender promises.
    @inlinable package var span: RawSpan {
        @_lifetime(borrow self)
        get {
            // Safety: `count` bytes at `start` are valid for as long as this value may be used.
            let span = unsafe RawSpan(_unsafeStart: start, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// A copy of a span's bytes that its holder owns.
    package static func copy(of span: Span<UInt8>) -> [UInt8] {
        // Safety: the span is borrowed for the duration of the call, and so are its bytes.
        unsafe span.withUnsafeBufferPointer { buffer in unsafe [UInt8](buffer) }
    }

    /// A copy that its holder owns.
    package func copied() -> [UInt8] {
        // Safety: the bytes are valid while this is used, and are only read.
        unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension LentBytes {
    /// How many bytes both begin with: eight at a time.
    @inlinable @inline(__always) package static func commonPrefix(
        _ left: LentBytes,
        _ right: LentBytes
    ) -> Int {
        let shorter = min(left.count, right.count)
        var index = 0
        // Safety: every load lies below `shorter`, which is within both.
        while index + 8 <= shorter {
            let difference =
                unsafe left.start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                ^ right.start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if difference != 0 {
                return index + difference.littleEndian.trailingZeroBitCount / 8
            }
            index += 8
        }
        while index < shorter,
            unsafe left.start.load(fromByteOffset: index, as: UInt8.self)
                == right.start.load(fromByteOffset: index, as: UInt8.self)
        {
            index += 1
        }
        return index
    }

    /// Negative, zero or positive: `left` before `right`, equal, after.
    ///
    /// Byte by byte, unsigned, a prefix before what it begins.
    @inlinable @inline(__always) package static func compare(
        _ left: LentBytes,
        _ right: LentBytes
    ) -> Int {
        let index = commonPrefix(left, right)
        if index < left.count, index < right.count { return Int(left[index]) - Int(right[index]) }
        return left.count - right.count
    }

    /// Whether both hold the same bytes.
    @inlinable @inline(__always) package static func areEqual(
        _ left: LentBytes,
        _ right: LentBytes
    ) -> Bool {
        left.count == right.count && commonPrefix(left, right) == left.count
    }

    /// The first eight bytes from `offset` on as a big-endian number, filled up with zeros: numbers
    /// compare as the bytes do.
    @inlinable @inline(__always) package func digest(from offset: Int) -> UInt64 {
        if offset + 8 <= count { return integer(UInt64.self, at: offset).byteSwapped }
        var digest: UInt64 = 0
        for index in offset..<(offset + 8) {
            digest = digest << 8 | UInt64(index < count ? self[index] : 0)
        }
        return digest
    }
}

extension [UInt8] {
    /// Lends the array's bytes for the duration of `body`.
    @inlinable @inline(__always) package func withLentBytes<Answer: ~Copyable, Failure: Error>(
        _ body: (LentBytes) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        // Safety: every bit pattern of a byte is a byte.
        let span = unsafe span.bytes
        // Safety: the array is borrowed for the duration of the call, and so are its bytes.
        let buffer = unsafe span.withUnsafeBytes { unsafe $0 }
        return try unsafe body(LentBytes(unsafe: buffer))
    }
}
