/// Appends little-endian integers, varints and bytes to an array it owns.
public struct ByteWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty writer.
    public init(reservingCapacity capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// How many bytes were written.
    public var count: Int { bytes.count }

    /// Appends one byte.
    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends an integer, little-endian, in its own width.
    public mutating func append<Integer: FixedWidthInteger>(integer: Integer) {
        var rest = integer.littleEndian
        for _ in 0..<MemoryLayout<Integer>.size {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest = MemoryLayout<Integer>.size == 1 ? 0 : rest >> 8
        }
    }

    /// Appends an integer, big-endian, in its own width (its bytes then order like its value).
    public mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(
        bigEndian integer: Integer
    ) {
        var shift = Integer.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: integer >> Integer(shift)))
            shift -= 8
        }
    }

    /// Appends an unsigned LEB128 varint: 1 to 10 bytes.
    public mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Appends a non-negative count as a varint.
    public mutating func append(varint value: Int) { append(varint: UInt64(value)) }

    /// Appends raw bytes.
    public mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// Appends a slice.
    public mutating func append(_ more: ArraySlice<UInt8>) { bytes.append(contentsOf: more) }

    /// Appends a string's UTF-8.
    public mutating func append(utf8 text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a varint length and then the bytes.
    public mutating func append(lengthPrefixed more: [UInt8]) {
        append(varint: more.count)
        bytes.append(contentsOf: more)
    }

    /// Appends zero bytes.
    public mutating func append(zeros count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// Writes an integer, little-endian, over bytes already written.
    public mutating func overwrite<Integer: FixedWidthInteger>(_ integer: Integer, at offset: Int) {
        var rest = integer.littleEndian
        for index in 0..<MemoryLayout<Integer>.size {
            bytes[offset + index] = UInt8(truncatingIfNeeded: rest)
            rest = MemoryLayout<Integer>.size == 1 ? 0 : rest >> 8
        }
    }

    /// Forgets what was written, keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Gives the bytes away and leaves the writer empty.
    public mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}
