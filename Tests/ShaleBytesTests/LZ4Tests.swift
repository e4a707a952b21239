/// LZ4 blocks come back as they were, and no input makes the decoder trap or give a wrong length.
import ShaleBytes
import Testing

struct LZ4Tests {
    static func compress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        // Safety: bytes of an array are initialized.
        unsafe LZ4.compress(bytes.span.bytes, limit: limit)
    }

    static func decompress(_ bytes: [UInt8], size: Int) throws(LZ4.Malformed) -> [UInt8] {
        // Safety: bytes of an array are initialized.
        try unsafe LZ4.decompress(bytes.span.bytes, size: size)
    }

    @Test(arguments: [1, 12, 13, 100, 4_096, 65_536, 300_000])
    func `repetitive bytes shrink and come back`(count: Int) throws {
        let bytes = (0..<count).map { UInt8($0 / 7 % 11) }
        let packed = try #require(Self.compress(bytes, limit: count + 64))
        #expect(count < 1_000 || packed.count < count / 2)
        #expect(try Self.decompress(packed, size: count) == bytes)
    }

    @Test func `bytes that do not shrink below the limit are left alone`() {
        let bytes = HashTests.input(4_096).map { UInt8(truncatingIfNeeded: Int($0) * 77) }
        let noise = (0..<4_096).map { index -> UInt8 in
            UInt8(
                truncatingIfNeeded: Hash.xxh3(
                    [bytes[index], UInt8(index & 255)],
                    seed: UInt64(index)
                )
            )
        }
        #expect(Self.compress(noise, limit: 4_096 * 7 / 8) == nil)
        #expect(Self.compress([], limit: 100) == nil)
        #expect(Self.compress(noise, limit: 0) == nil)
    }

    @Test func `a wrong size is refused`() throws {
        let bytes = [UInt8](repeating: 5, count: 1_000)
        let packed = try #require(Self.compress(bytes, limit: 1_000))
        for size in [0, 1, 999, 1_001, 1_000_000, .max, -1] {
            #expect(throws: LZ4.Malformed.self) { try Self.decompress(packed, size: size) }
        }
    }

    @Test func `every cut of a block is refused`() throws {
        let bytes = (0..<2_000).map { UInt8($0 / 7 % 11) }
        let packed = try #require(Self.compress(bytes, limit: 2_000))
        for count in 0..<packed.count {
            #expect(throws: LZ4.Malformed.self) {
                try Self.decompress(Array(packed[..<count]), size: bytes.count)
            }
        }
    }

    @Test func `a damaged block never gives another length`() throws {
        let bytes = (0..<500).map { UInt8($0 / 7 % 11) }
        let packed = try #require(Self.compress(bytes, limit: 500))
        for bit in 0..<(8 * packed.count) {
            var damaged = packed
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            // A flip inside a literal is not noticed here: that is the checksum's work.
            let answer = Result { () throws(LZ4.Malformed) in
                try Self.decompress(damaged, size: 500)
            }
            if case .success(let decoded) = answer { #expect(decoded.count == 500) }
        }
    }
}
