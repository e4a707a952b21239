@testable import ShaleEngine
import ShaleBytes
import Testing

/// Written bytes against the drawings.
struct LogRecordFormatTests {
    private let identity = FileIdentity(first: 0x1111, second: 0x2222)

    @Test func `a record header is what the drawing says`() throws {
        var header = LogRecordHeader(
            kind: .batch,
            payloadLength: 0x0102,
            payloadChecksum: 0xA1A2_A3A4,
            segment: SegmentNumber(7),
            position: LogPosition(0x1000)
        )
        header.previousChecksum = 0xB1B2_B3B4
        header.flags = .endsPage
        header.syncedThrough = LogPosition(0x800)
        header.wallMilliseconds = 0x0A0B
        let seed = identity.checksumSeed(at: 0)
        let bytes = header.encode(seed: seed)
        let rest: [UInt8] = [
            0xA4, 0xA3, 0xA2, 0xA1,  // 4: checksum of the payload
            0xB4, 0xB3, 0xB2, 0xB1,  // 8: checksum of the record before
            0x02, 0x01, 0, 0,  // 12: length of the payload
            1, 1, 0, 0,  // 16: kind, flags, codec, key id
            7, 0, 0, 0,  // 20: segment
            0x00, 0x10, 0, 0, 0, 0, 0, 0,  // 24: position
            0x00, 0x08, 0, 0, 0, 0, 0, 0,  // 32: synced through
            0x0B, 0x0A, 0, 0, 0, 0, 0, 0,  // 40: wall clock
        ]
        #expect(bytes.count == LogRecordFormat.headerSize)
        #expect(Array(bytes[4...]) == rest)
        var reader = ByteReader(bytes)
        let checksum = try reader.read(UInt32.self)
        #expect(checksum == Checksum.crc32c(rest, seed: seed))
    }

    @Test func `a header is whole only in its place, its segment and its file`() {
        var header = LogRecordHeader(
            kind: .seal,
            payloadLength: 16,
            payloadChecksum: 5,
            segment: SegmentNumber(3),
            position: LogPosition(4096)
        )
        let seed = identity.checksumSeed(at: 0)
        let bytes = header.encode(seed: seed)
        func decode(_ segment: UInt32, _ position: UInt64, _ seed: UInt32) -> LogRecordHeader? {
            LogRecordHeader(
                bytes,
                at: 0,
                segment: SegmentNumber(segment),
                position: LogPosition(position),
                seed: seed
            )
        }
        #expect(decode(3, 4096, seed) == header)
        #expect(decode(4, 4096, seed) == nil)
        #expect(decode(3, 8192, seed) == nil)
        #expect(decode(3, 4096, seed ^ 1) == nil)
        for bit in 0..<(8 * bytes.count) {
            var damaged = bytes
            damaged[bit / 8] ^= UInt8(1 << (bit % 8))
            let decoded = LogRecordHeader(
                damaged,
                at: 0,
                segment: SegmentNumber(3),
                position: LogPosition(4096),
                seed: seed
            )
            #expect(decoded == nil, "bit \(bit)")
        }
    }

    @Test func `a segment header survives its page, and no flipped bit does`() {
        let header = SegmentHeader(
            number: SegmentNumber(9),
            identity: identity,
            base: LogPosition(8192),
            capacityBytes: 1 << 20,
            previous: SegmentNumber(8),
            previousChecksum: 77,
            previousLengthBytes: 4096
        )
        let page = header.page
        #expect(page.count == 4096)
        #expect(Array(page[..<8]) == Array("SHALELOG".utf8))
        #expect(SegmentHeader(page: page) == header)
        for bit in stride(from: 0, to: 8 * page.count, by: 7) {
            var damaged = page
            damaged[bit / 8] ^= UInt8(1 << (bit % 8))
            #expect(SegmentHeader(page: damaged) == nil)
        }
    }

    @Test func `a batch is what the drawing says, and comes back`() {
        let table = EngineTable(id: TableID(300), hashSeed: 0)
        let key = EntryKey(bytes: [1, 2, 3])
        var batch = WriteBatch()
        batch.put(table.id, key, [9, 8])
        batch.delete(table.id, key)
        let payload = BatchFormat.encode(batch)
        #expect(payload == [2, 0xAC, 2, 1, 3, 1, 2, 3, 2, 9, 8, 0xAC, 2, 2, 3, 1, 2, 3])
        let decoded = BatchFormat.decode(payload)
        #expect(decoded?.count == 2)
        #expect(decoded?.first?.value == [9, 8])
        #expect(decoded?.last?.value == nil)
        for length in 0..<payload.count {
            #expect(BatchFormat.decode(Array(payload[..<length])) == nil)
        }
        #expect(BatchFormat.decode(payload + [0]) == nil)
    }
}
