/// CRC-32C against RFC 3720, against a bit-by-bit form, and the processor's form against the portable one.
import CShaleShims
import ShaleBytes
import Testing

struct ChecksumTests {
    /// RFC 3720, appendix B.4.
    static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
        (Array(repeating: 0x00, count: 32), 0x8A91_36AA),
        (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        (
            [
                0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14,
                0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00,
                0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            ],
            0xD996_3A56
        ),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    /// The definition, one bit at a time.
    static func bitwise(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~crc
    }

    static func portable(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        // Safety: the buffer is valid for its count during the call.
        unsafe bytes.withUnsafeBytes {
            unsafe shale_crc32c_portable(seed, $0.baseAddress, $0.count)
        }
    }

    @Test(arguments: vectors)
    func `the vectors of RFC 3720 are met`(bytes: [UInt8], checksum: UInt32) {
        #expect(Checksum.crc32c(bytes) == checksum)
        #expect(Self.portable(bytes) == checksum)
    }

    // The lengths around one and two groups of three stripes, short (1,008) and long (4,032).
    @Test(arguments: [
        1, 7, 8, 9, 255, 1_007, 1_008, 1_009, 2_016, 2_023, 4_031, 4_032, 4_033, 4_096, 5_040,
        8_064, 9_079, 16_384,
    ])
    func `stripes are joined as if there were none`(count: Int) {
        let bytes = HashTests.input(count + 3)
        for start in 0..<3 {
            let piece = Array(bytes[start..<(start + count)])
            let expected = Self.bitwise(piece[...])
            #expect(Checksum.crc32c(piece) == expected)
            #expect(Self.portable(piece) == expected)
        }
    }

    @Test func `a checksum goes on from what precedes`() {
        let bytes = HashTests.input(5_000)
        let whole = Checksum.crc32c(bytes)
        for cut in [0, 1, 8, 999, 1_008, 4_032, 4_999, 5_000] {
            let first = Checksum.crc32c(Array(bytes[..<cut]))
            #expect(Checksum.crc32c(Array(bytes[cut...]), seed: first) == whole)
            #expect(Self.portable(Array(bytes[cut...]), seed: first) == whole)
        }
    }

    @Test func `every flipped bit changes the checksum`() {
        var bytes = HashTests.input(1_100)
        let checksum = Checksum.crc32c(bytes)
        for bit in stride(from: 0, to: 8 * bytes.count, by: 37) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Checksum.crc32c(bytes) != checksum)
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
    }
}
