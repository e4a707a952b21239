/// The bytes ended, or a varint did not: where, and what was asked for.
public struct Truncated: Error, Sendable, Equatable {
    /// Where the reader stood.
    public var offset: Int
    /// How many bytes it needed there.
    public var needed: Int

    /// Makes an error.
    public init(offset: Int, needed: Int) {
        self.offset = offset
        self.needed = needed
    }
}

/// Reads what `ByteWriter` writes.
///
/// Total: every input gives values or `Truncated`, never a trap.
public struct ByteReader: Sendable {
    /// The bytes read from.
    public let bytes: [UInt8]
    /// Where the next read starts.
    @inlinable public var offset: Int { position }
    @usableFromInline var position: Int
    /// Where reading ends.
    public let end: Int

    /// Reads all of `bytes`.
    @inlinable public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Reads `range` of `bytes`; offsets stay those of `bytes`.
    ///
    /// The range must lie inside.
    @inlinable public init(_ bytes: [UInt8], in range: Range<Int>) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "the range lies inside"
        )
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// How many bytes are left.
    @inlinable public var remaining: Int { end - offset }
    /// Whether nothing is left.
    @inlinable public var isAtEnd: Bool { offset == end }

    /// Reads one byte.
    @inlinable public mutating func readByte() throws(Truncated) -> UInt8 {
        guard offset < end else { throw Truncated(offset: offset, needed: 1) }
        defer { position += 1 }
        return bytes[offset]
    }

    /// Reads a little-endian integer.
    @inlinable public mutating func read<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type
    ) throws(Truncated) -> Integer {
        let size = MemoryLayout<Integer>.size
        guard remaining >= size else { throw Truncated(offset: offset, needed: size) }
        // Safety: `size` bytes are in bounds, and every bit pattern of an integer is valid.
        let value = unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(fromByteOffset: position, as: Integer.self)
        }
        position += size
        return Integer(littleEndian: value)
    }

    /// Reads a big-endian integer.
    @inlinable public mutating func readBigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type
    ) throws(Truncated) -> Integer {
        try read(Integer.self).byteSwapped
    }

    /// Reads an unsigned LEB128 varint of at most ten bytes and 64 bits.
    @inlinable public mutating func readVarint() throws(Truncated) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        let start = offset
        while true {
            let byte = try readByte()
            guard shift < 63 || (shift == 63 && byte <= 1) else {
                throw Truncated(offset: start, needed: 10)
            }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// Reads a varint that counts something, at most `limit`.
    @inlinable public mutating func readCount(limit: Int = .max) throws(Truncated) -> Int {
        let start = offset
        let value = try readVarint()
        guard value <= UInt64(limit) else { throw Truncated(offset: start, needed: limit) }
        return Int(value)
    }

    /// Reads `count` bytes.
    @inlinable public mutating func readBytes(_ count: Int) throws(Truncated) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw Truncated(offset: offset, needed: count) }
        defer { position += count }
        return bytes[offset..<(offset + count)]
    }

    /// Reads a varint length and that many bytes.
    @inlinable public mutating func readLengthPrefixed() throws(Truncated) -> ArraySlice<UInt8> {
        let count = try readCount(limit: Int(Int32.max))
        return try readBytes(count)
    }

    /// Steps over `count` bytes.
    @inlinable public mutating func skip(_ count: Int) throws(Truncated) {
        _ = try readBytes(count)
    }
}
