import ShaleBytes
import Testing

/// gzip in pieces gives what gzip at once gives, and no input traps.
struct InflaterTests {
    private func inflate(_ packed: [UInt8], piece: Int) throws -> (bytes: [UInt8], isComplete: Bool)
    {
        let inflater = Inflater()
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: packed.count, by: piece) {
            try inflater.add(Array(packed[start..<min(packed.count, start + piece)])) {
                bytes += $0
            }
        }
        return (bytes, inflater.isComplete)
    }

    @Test(arguments: [1, 7, 4_096, 1_000_000])
    func `members one behind the other are one text, in pieces of any size`(piece: Int) throws {
        let text = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 5 % 251) }
        let packed =
            Zlib.compress(text, .gzip) + Zlib.compress([], .gzip) + Zlib.compress(text, .gzip)
        let (bytes, isComplete) = try inflate(packed, piece: piece)
        #expect(bytes == text + text)
        #expect(isComplete)
    }

    @Test func `what ends too early is not complete`() throws {
        let packed = Zlib.compress(Array(repeating: 7, count: 1_000), .gzip)
        for count in 1..<packed.count {
            #expect(try !inflate(Array(packed[..<count]), piece: 5).isComplete)
        }
        #expect(Inflater().isComplete)
    }

    @Test func `damage is an error, or other bytes, and never a trap`() {
        let packed = Zlib.compress((0..<3_000).map { UInt8(truncatingIfNeeded: $0 * $0) }, .gzip)
        for place in packed.indices {
            var damaged = packed
            damaged[place] ^= 0x55
            _ = try? inflate(damaged, piece: 64)
        }
    }
}
