/// CRC-32 (IEEE 802.3), which clients compare with the `x-amz-crc32` header of a response.
///
/// Eight tables, eight bytes a step: a response of 1 MB must not wait for a bytewise loop.
public enum CRC32 {
    private static let polynomial: UInt32 = 0xEDB8_8320
    private static let width = 8

    /// Table `k` at `256 * k`: what a byte contributes when `k` bytes follow it in its step.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 256 * width)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
            tables[byte] = value
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()

    /// The checksum of `bytes`.
    /// - Complexity: O(n).
    public static func checksum(_ bytes: [UInt8]) -> UInt32 {
        let tables = tables
        var value: UInt32 = 0xFFFF_FFFF
        var offset = 0
        while bytes.count - offset >= width {
            var next: UInt32 = 0
            for index in 0..<width {
                var byte = UInt32(bytes[offset + index])
                if index < 4 { byte ^= value >> UInt32(8 * index) & 0xFF }
                next ^= tables[256 * (width - 1 - index) + Int(byte)]
            }
            value = next
            offset += width
        }
        for byte in bytes[offset...] {
            value = value >> 8 ^ tables[Int((value ^ UInt32(byte)) & 0xFF)]
        }
        return ~value
    }
}
