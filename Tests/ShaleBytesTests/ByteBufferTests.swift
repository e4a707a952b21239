import ShaleBytes
import Testing

struct ByteBufferTests {
    @Test func `what is appended is there, in order, however often memory runs out`() throws {
        var buffer = ByteBuffer()
        var expected: [UInt8] = []
        for round in 0..<300 {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: round), count: round)
            buffer.append(bytes)
            buffer.append(UInt8(truncatingIfNeeded: round))
            buffer.append(integer: UInt16(round))
            buffer.append(varint: round * 100)
            var writer = ByteWriter()
            writer.append(bytes)
            writer.append(UInt8(truncatingIfNeeded: round))
            writer.append(integer: UInt16(round))
            writer.append(varint: round * 100)
            expected += writer.bytes
        }
        #expect(buffer.copied() == expected)
        buffer.removeFirst(1000)
        #expect(buffer.copied() == Array(expected.dropFirst(1000)))
        buffer.truncate(to: 10)
        #expect(buffer.copied() == Array(expected[1000..<1010]))
    }

    @Test func `words are little-endian bytes`() {
        var buffer = ByteBuffer()
        buffer.append(words: [1, 0x0203 << 48])
        #expect(buffer.copied() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 2])
    }

    @Test func `a filler appends no more than it says`() throws {
        var buffer = ByteBuffer()
        buffer.append([9])
        buffer.append(spanOf: 100) { $0.append(bytes: [1, 2, 3]) }
        #expect(buffer.copied() == [9, 1, 2, 3])
    }

    @Test func `compressed bytes come back, and a limit holds`() throws {
        let bytes = [UInt8](repeating: 7, count: 10_000)
        var packed = ByteBuffer()
        let isWritten = bytes.withLentBytes { LZ4.compress($0, limit: 5_000, to: &packed) }
        #expect(isWritten)
        var unpacked = ByteBuffer()
        try LZ4.decompress(packed.lent, size: bytes.count, to: &unpacked)
        #expect(unpacked.copied() == bytes)
        let tooSmall = bytes.withLentBytes { LZ4.compress($0, limit: 5, to: &unpacked) }
        #expect(!tooSmall)
        #expect(throws: LZ4.Malformed.self) {
            var other = ByteBuffer()
            try LZ4.decompress(packed.lent, size: bytes.count + 1, to: &other)
        }
    }

    @Test func `a list of things that cannot be copied is changed in place`() {
        var list = OwnedList<ByteBuffer>(capacity: 3)
        for byte in 0..<3 as Range<UInt8> {
            var buffer = ByteBuffer()
            buffer.append(byte)
            list.append(buffer)
        }
        list[1].append(9)
        #expect(list.count == 3)
        #expect(list[0].copied() == [0])
        #expect(list[1].copied() == [1, 9])
        #expect(list[2].copied() == [2])
    }
}
