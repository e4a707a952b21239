internal import ShaleBytes
internal import ShalePlatform

/// The number of a file of the database: drawn in ascending order, never reused, part of its name.
struct FileNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Fewest decimal digits in a name: names of the first million files order like their numbers.
    private static let digits = 6

    let rawValue: UInt64

    init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The number in `name`, if the name is one that `fileName` gives with this suffix.
    init?(name: String, suffix: String) {
        let tail = Array(".\(suffix)".utf8)
        let bytes = Array(name.utf8)
        guard bytes.count > tail.count, bytes.suffix(tail.count).elementsEqual(tail) else {
            return nil
        }
        var value: UInt64 = 0
        for byte in bytes.dropLast(tail.count) {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self.init(value)
        guard fileName(suffix).utf8.elementsEqual(bytes) else { return nil }
    }

    /// "000012.run" for suffix "run".
    func fileName(_ suffix: String) -> String { "\(description).\(suffix)" }

    /// "000012".
    var description: String {
        let text = String(rawValue)
        return String(repeating: "0", count: max(0, Self.digits - text.utf8.count)) + text
    }

    static func < (left: FileNumber, right: FileNumber) -> Bool { left.rawValue < right.rawValue }
}

/// The 128 random bits that a file is born with: in its header, in the manifest, and mixed into
/// every checksum, so that a piece of another file or from another place fails like random damage.
///
///     offset  size  field
///          0     8  first half, little-endian
///          8     8  second half, little-endian
struct FileIdentity: Hashable, Sendable, CustomStringConvertible {
    static let sizeBytes = 2 * MemoryLayout<UInt64>.size

    let first: UInt64
    let second: UInt64

    init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    /// A new identity.
    init(drawnFrom randomness: any Randomness) {
        self.init(first: randomness.next(), second: randomness.next())
    }

    init(from reader: inout ByteReader) throws(Truncated) {
        first = try reader.read(UInt64.self)
        second = try reader.read(UInt64.self)
    }

    func append(to writer: inout ByteWriter) {
        writer.append(integer: first)
        writer.append(integer: second)
    }

    /// What checksums of bytes at `offset` of this file start from:
    /// CRC-32C of the identity and the offset (64 bits, little-endian).
    func checksumSeed(at offset: Int) -> UInt32 {
        let words: InlineArray<3, UInt64> = [
            first.littleEndian, second.littleEndian, UInt64(offset).littleEndian,
        ]
        // Safety: three words without padding; every bit pattern of them is bytes.
        return unsafe Checksum.crc32c(words.span.bytes)
    }

    /// 32 hexadecimal digits.
    var description: String { Hexadecimal.text(first) + Hexadecimal.text(second) }
}
