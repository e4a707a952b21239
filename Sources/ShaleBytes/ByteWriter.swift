/// Appends little-endian integers, varints and bytes to an array it owns.
public struct ByteWriter: Sendable {
    /// What was written so far.
    @inlinable public var bytes: [UInt8] { written }
    @usableFromInline var written: [UInt8] = []

    /// An empty writer.
    @inlinable public init(reservingCapacity capacity: Int = 0) {
        written.reserveCapacity(capacity)
    }

    /// How many bytes were written.
    @inlinable public var count: Int { written.count }

    /// Appends one byte.
    @inlinable public mutating func append(_ byte: UInt8) { written.append(byte) }

    /// Appends an integer, little-endian, in its own width.
    @inlinable public mutating func append<Integer: FixedWidthInteger>(integer: Integer) {
        // Safety: every byte of an integer is initialized.
        unsafe withUnsafeBytes(of: integer.littleEndian) { unsafe written.append(contentsOf: $0) }
    }

    /// Appends an integer, big-endian, in its own width (its bytes then order like its value).
    @inlinable public mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(
        bigEndian integer: Integer
    ) {
        // Safety: every byte of an integer is initialized.
        unsafe withUnsafeBytes(of: integer.bigEndian) { unsafe written.append(contentsOf: $0) }
    }

    /// Appends an unsigned LEB128 varint: 1 to 10 bytes.
    @inlinable public mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            written.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        written.append(UInt8(rest))
    }

    /// Appends a non-negative count as a varint.
    @inlinable public mutating func append(varint value: Int) { append(varint: UInt64(value)) }

    /// Appends raw bytes.
    @inlinable public mutating func append(_ more: [UInt8]) { written.append(contentsOf: more) }

    /// Appends a slice.
    @inlinable public mutating func append(_ more: ArraySlice<UInt8>) {
        written.append(contentsOf: more)
    }

    /// Appends a string's UTF-8.
    @inlinable public mutating func append(utf8 text: String) {
        written.append(contentsOf: text.utf8)
    }

    /// Appends a varint length and then the bytes.
    @inlinable public mutating func append(lengthPrefixed more: [UInt8]) {
        append(varint: more.count)
        written.append(contentsOf: more)
    }

    /// Appends zero bytes.
    @inlinable public mutating func append(zeros count: Int) {
        written.append(contentsOf: repeatElement(0, count: count))
    }

    /// Writes an integer, little-endian, over bytes already written.
    @inlinable public mutating func overwrite<Integer: FixedWidthInteger>(
        _ integer: Integer,
        at offset: Int
    ) {
        let size = MemoryLayout<Integer>.size
        precondition(offset >= 0 && offset <= count - size, "only written bytes are overwritten")
        // Safety: every byte of an integer is initialized, and the range lies inside.
        unsafe withUnsafeBytes(of: integer.littleEndian) {
            unsafe written.replaceSubrange(offset..<(offset + size), with: $0)
        }
    }

    /// Forgets what was written, keeps the memory.
    @inlinable public mutating func removeAll() { written.removeAll(keepingCapacity: true) }

    /// Gives the bytes away and leaves the writer empty.
    @inlinable public mutating func take() -> [UInt8] {
        let taken = written
        written = []
        return taken
    }
}
