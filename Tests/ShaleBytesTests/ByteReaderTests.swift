/// What `ByteWriter` writes `ByteReader` reads, and every cut or crooked input is refused.
import ShaleBytes
import Testing

struct ByteReaderTests {
    static let varints: [(value: UInt64, bytes: [UInt8])] = [
        (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 0x01]), (300, [0xAC, 0x02]),
        (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 0x01]),
        (UInt64(UInt32.max), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        (1 << 63, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
        (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ]

    @Test(arguments: varints)
    func `a varint has its bytes and comes back`(value: UInt64, bytes: [UInt8]) throws {
        var writer = ByteWriter()
        writer.append(varint: value)
        #expect(writer.bytes == bytes)
        var reader = ByteReader(bytes)
        #expect(try reader.readVarint() == value)
        #expect(reader.isAtEnd)
    }

    @Test(arguments: varints)
    func `a varint cut short is refused`(value: UInt64, bytes: [UInt8]) {
        for count in 0..<bytes.count {
            var reader = ByteReader(Array(bytes[..<count]))
            #expect(throws: Truncated(offset: count, needed: 1)) { try reader.readVarint() }
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            Array(repeating: 0xFF, count: 40),
        ] as [[UInt8]]
    )
    func `a varint of more than 64 bits is refused`(bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        #expect(throws: Truncated(offset: 0, needed: 10)) { try reader.readVarint() }
    }

    @Test func `powers of two and their neighbours come back`() throws {
        var writer = ByteWriter()
        let powers = (0..<64).map { UInt64(1) << $0 }
        let values: [UInt64] = powers.flatMap { [$0, $0 - 1, ~$0] }
        for value in values { writer.append(varint: value) }
        var reader = ByteReader(writer.bytes)
        for value in values { #expect(try reader.readVarint() == value) }
        #expect(reader.isAtEnd)
    }

    @Test func `integers lie little-endian and come back`() throws {
        var writer = ByteWriter()
        writer.append(integer: UInt8(0xA1))
        writer.append(integer: Int16(-2))
        writer.append(integer: UInt32(0x0102_0304))
        writer.append(integer: Int64.min)
        writer.append(bigEndian: UInt32(0x0102_0304))
        #expect(
            writer.bytes == [0xA1, 0xFE, 0xFF, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 2, 3, 4]
        )
        var reader = ByteReader(writer.bytes)
        #expect(try reader.read(UInt8.self) == 0xA1)
        #expect(try reader.read(Int16.self) == -2)
        #expect(try reader.read(UInt32.self) == 0x0102_0304)
        #expect(try reader.read(Int64.self) == .min)
        #expect(try reader.readBigEndian(UInt32.self) == 0x0102_0304)
        #expect(throws: Truncated(offset: 19, needed: 1)) { try reader.readByte() }
    }

    @Test func `an integer that does not fit is refused and nothing is consumed`() throws {
        var reader = ByteReader([1, 2, 3, 4, 5, 6, 7])
        #expect(throws: Truncated(offset: 0, needed: 8)) { try reader.read(UInt64.self) }
        #expect(try reader.read(UInt32.self) == 0x0403_0201)
        #expect(throws: Truncated(offset: 4, needed: 4)) { try reader.readBigEndian(UInt32.self) }
        #expect(reader.remaining == 3)
    }

    @Test func `overwriting changes only its own bytes`() {
        var writer = ByteWriter(reservingCapacity: 8)
        writer.append(zeros: 6)
        writer.overwrite(UInt32(0xAABB_CCDD), at: 1)
        writer.overwrite(UInt8(9), at: 5)
        #expect(writer.take() == [0, 0xDD, 0xCC, 0xBB, 0xAA, 9])
        #expect(writer.count == 0)
    }

    @Test func `lengths beyond the end or a limit are refused`() throws {
        var writer = ByteWriter()
        writer.append(lengthPrefixed: Array("shale".utf8))
        writer.append(varint: 6)
        writer.append(utf8: "short")
        var reader = ByteReader(writer.bytes)
        #expect(try Array(reader.readLengthPrefixed()) == Array("shale".utf8))
        var limited = reader
        #expect(throws: Truncated(offset: 6, needed: 5)) { try limited.readCount(limit: 5) }
        #expect(throws: Truncated(offset: 7, needed: 6)) { try reader.readLengthPrefixed() }
        #expect(throws: Truncated(offset: 7, needed: -1)) { try reader.readBytes(-1) }
        #expect(throws: Truncated(offset: 7, needed: .max)) { try reader.skip(.max) }
    }

    @Test func `a range is read with the offsets of the whole`() throws {
        var reader = ByteReader([9, 9, 1, 2, 9], in: 2..<4)
        #expect(reader.offset == 2)
        #expect(try reader.read(UInt16.self) == 0x0201)
        #expect(throws: Truncated(offset: 4, needed: 1)) { try reader.readByte() }
    }
}
