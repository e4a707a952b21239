/// Bodies come back as they were, no input makes more than the limit, and no input traps.
import ShaleBytes
import Testing

struct ZlibTests {
    static let text = (0..<20_000).map { UInt8($0 / 7 % 11) }

    @Test(arguments: [Zlib.Coding.gzip, .deflate], [0, 1, 100, 4_096, 20_000])
    func `bytes shrink and come back`(coding: Zlib.Coding, count: Int) throws {
        let bytes = Array(Self.text[..<count])
        let packed = Zlib.compress(bytes, coding)
        #expect(count < 1_000 || packed.count < count / 2)
        #expect(try Zlib.decompress(packed, coding, limit: count) == bytes)
    }

    /// Made by Python's zlib and gzip modules; the last one has no head.
    @Test(
        arguments: [
            (
                Zlib.Coding.gzip,
                [
                    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xCB, 0x48,
                    0xCD, 0xC9, 0xC9, 0x57, 0x28, 0xCF, 0x2F, 0xCA, 0x49, 0x01, 0x00, 0x85,
                    0x11, 0x4A, 0x0D, 0x0B, 0x00, 0x00, 0x00,
                ]
            ),
            (
                Zlib.Coding.deflate,
                [
                    0x78, 0x9C, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0x28, 0xCF, 0x2F, 0xCA,
                    0x49, 0x01, 0x00, 0x1A, 0x0B, 0x04, 0x5D,
                ]
            ),
            (
                Zlib.Coding.deflate,
                [
                    0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0x28, 0xCF, 0x2F, 0xCA, 0x49, 0x01,
                    0x00,
                ]
            ),
        ] as [(Zlib.Coding, [UInt8])]
    )
    func `other programs' bytes are understood`(coding: Zlib.Coding, packed: [UInt8]) throws {
        #expect(try Zlib.decompress(packed, coding, limit: 11) == Array("hello world".utf8))
    }

    @Test func `several members of gzip are one body`() throws {
        let packed = Zlib.compress([1, 2], .gzip) + Zlib.compress([3], .gzip)
        #expect(try Zlib.decompress(packed, .gzip, limit: 3) == [1, 2, 3])
    }

    @Test(arguments: [Zlib.Coding.gzip, .deflate])
    func `a bomb is left at its limit`(coding: Zlib.Coding) throws {
        let packed = Zlib.compress([UInt8](repeating: 0, count: 8_000_000), coding, level: 9)
        #expect(packed.count < 10_000)
        for limit in [0, 1, 65_536, 7_999_999] {
            #expect(throws: Zlib.Failure.tooLarge) {
                try Zlib.decompress(packed, coding, limit: limit)
            }
        }
        #expect(try Zlib.decompress(packed, coding, limit: 8_000_000).count == 8_000_000)
    }

    @Test(arguments: [Zlib.Coding.gzip, .deflate])
    func `every cut is refused`(coding: Zlib.Coding) {
        let packed = Zlib.compress(Array(Self.text[..<2_000]), coding)
        for count in packed.indices {
            #expect(throws: Zlib.Failure.malformed) {
                try Zlib.decompress(Array(packed[..<count]), coding, limit: 10_000)
            }
        }
    }

    @Test func `damaged bytes and what follows them are refused`() {
        var packed = Zlib.compress(Self.text, .gzip)
        #expect(throws: Zlib.Failure.malformed) {
            try Zlib.decompress(packed + [0], .gzip, limit: 20_000)
        }
        packed[packed.count - 5] ^= 1
        #expect(throws: Zlib.Failure.malformed) {
            try Zlib.decompress(packed, .gzip, limit: 20_000)
        }
    }
}
