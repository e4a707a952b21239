import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// One file, byte by byte as the drawings in the `...Format.swift` files say.
///
/// The bytes below were made by another program from the drawings alone.
@Suite struct RunFormatGoldenTests {
    private static let drawn = """
        5348414c4552554e  | 0 magic
        01000000  | 8 format version
        000102030405060708090a0b0c0d0e0f  | 12 identity
        aa4521b9  | 28 checksum
        0200  | 32 entries
        0b00  | 34 prefix length
        1111111111111111000170  | 36 prefix
        b2a9  | 47 tags
        1500af00  | 49 offsets
        01d8046161616161616161616161616161616161616161616161616161616161  | 53 entry 0
        6161616161616161616161616161616161616161616161616161616161616161
        6161616161616161616161616161616161616161616161616161616161616161
        6161616161616161616161616161616161616161616161616161616161616161
        6161616161616161616161616161616161616161616161616161
        010162  | 207 entry 1
        01  | 210 type
        ec2dffcc  | 211 checksum
        0100  | 215 entries
        0b00  | 217 prefix length
        2222222222222222000171  | 219 prefix
        7b  | 230 tags
        1200  | 231 offsets
        00d8046363636363636363636363636363636363636363636363636363636363  | 233 entry 0
        6363636363636363636363636363636363636363636363636363636363636363
        6363636363636363636363636363636363636363636363636363636363636363
        6363636363636363636363636363636363636363636363636363636363636363
        63636363636363636363636363636363636363636363636363
        01  | 386 type
        c2230604  | 387 checksum
        00000012000c0004000000000000000000000000840000000000000008000900  | 391 filter line
        0100100000800002050000000100020000000000008004000200000000120001
        06  | 455 bits for a hash
        04  | 456 type
        2b908cd0  | 457 checksum
        0000  | 461 level
        0200  | 463 children
        54000000  | 465 where separators start
        00000000000000222222222222222222  | 469 hashes
        00000000000000000000000000000000  | 485 digests
        00000300  | 501 skips
        5500000060000000  | 505 ends
        2000000000000000b7000000ec2dffccd700000000000000b0000000c2230604  | 513 children
        222222222222222222000171  | 545 separators
        03  | 557 type
        5cf627e6  | 558 checksum
        0100  | 562 entries
        0100  | 564 prefix length
        7a  | 566 prefix
        b0  | 567 tags
        0800  | 568 offsets
        000476  | 570 entry 0
        01  | 573 type
        502eba6b  | 574 checksum
        0000000000000000000000000000004000000000000020000000000000040000  | 578 filter line
        0008000000000000810000000000080000020002004000002000000000000200
        06  | 642 bits for a hash
        04  | 643 type
        fc547630  | 644 checksum
        0000  | 648 level
        0100  | 650 children
        2e000000  | 652 where separators start
        000000000000007a  | 656 hashes
        0000000000000000  | 664 digests
        0000  | 672 skips
        2f000000  | 674 ends
        320200000000000010000000502eba6b  | 678 children
        7a  | 694 separators
        03  | 695 type
        71fa14c0  | 696 checksum
        02000000  | 700 sections
        20000000000000001202000000000000  | 704 offset and length of the section
        cd01000000000000650000005cf627e6  | 720 root
        8701000000000000460000002b908cd0  | 736 filter
        030000000000000001000000000000004f01000000000000  | 752 entries, tombstones, raw bytes
        6400000000000000c800000000000000  | 776 log positions
        0068e5cf8b010000  | 792 oldest tombstone
        0c000b00  | 800 lengths of keys
        00000000  | 804 number of blob segments
        111111111111111100017061  | 808 first key
        2222222222222222000171  | 820 last key
        32020000000000008a00000000000000  | 831 offset and length of the section
        88020000000000003400000071fa14c0  | 847 root
        420200000000000046000000fc547630  | 863 filter
        010000000000000000000000000000000200000000000000  | 879 entries, tombstones, raw bytes
        6400000000000000c800000000000000  | 903 log positions
        0000000000000000  | 919 oldest tombstone
        01000100  | 927 lengths of keys
        00000000  | 931 number of blob segments
        7a  | 935 first key
        7a  | 936 last key
        05  | 937 type
        1d4981fd  | 938 checksum
        bc02000000000000f20000001d4981fd  | 942 section directory
        000102030405060708090a0b0c0d0e0f  | 958 identity
        02000000  | 974 sections
        0400000000000000  | 978 entries
        01000000  | 986 format version
        93e81207  | 990 checksum
        5348414c45454e44  | 994 magic
        """

    /// The bytes of the drawing: hexadecimal up to a bar, then offset and meaning.
    private static var bytes: [UInt8] {
        drawn.split(separator: "\n").flatMap { line -> [UInt8] in
            let digits = line.prefix { $0 != "|" && $0 != " " }.utf8
            return stride(from: 0, to: digits.count, by: 2).compactMap { index in
                let start = digits.index(digits.startIndex, offsetBy: index)
                return UInt8(String(digits[start...].prefix(2)) ?? "", radix: 16)
            }
        }
    }

    private static func key(_ byte: UInt8, _ partition: String, _ sort: String) -> [UInt8] {
        [UInt8](repeating: byte, count: 8) + [0, 1] + Array(partition.utf8) + Array(sort.utf8)
    }

    private static let sections: [[TestEntry]] = [
        [
            TestEntry(key(0x11, "p", "a"), [UInt8](repeating: 0x61, count: 150)),
            TestEntry(key(0x11, "p", "b"), nil),
            TestEntry(key(0x22, "q", ""), [UInt8](repeating: 0x63, count: 150)),
        ],
        [TestEntry("z", "v")],
    ]

    private static let shape = RunFixture.shape(blockSize: 256, compression: .none)

    @Test func `the writer writes what is drawn`() throws {
        let fixture = try RunFixture()
        let written = try fixture.write(Self.sections, shape: Self.shape)
        #expect(try fixture.bytes() == Self.bytes)
        #expect(written.reference.sizeBytes == Self.bytes.count)
    }

    @Test func `the reader reads what is drawn`() throws {
        let fixture = try RunFixture()
        let reference = try fixture.write(Self.sections, shape: Self.shape).reference
        try fixture.replace(with: Self.bytes)
        let file = fixture.open(reference)
        for (ordinal, entries) in Self.sections.enumerated() {
            let section = file.section(ordinal)
            #expect(try section.entries(.all, .ascending, .blocking) == entries)
        }
    }

    @Test func `a compressed block is what is drawn`() throws {
        // 100 times "a" as LZ4: one literal, a copy of 94 bytes from one byte back, five literals.
        let packed: [UInt8] = [
            0x1F, 0x61, 0x01, 0x00, 75, 0x50, 0x61, 0x61, 0x61, 0x61, 0x61,
        ]
        var stored: [UInt8] = [100, 0, 0, 0] + packed + [2]
        let identity = RunFixture.identity
        let checksum = Checksum.crc32c(stored, seed: identity.checksumSeed(at: 4096))
        stored.append(integer: checksum)
        let pointer = PiecePointer(
            offset: 4096,
            length: UInt32(stored.count),
            checksum: checksum
        )
        let decoder = PieceDecoder(file: "000001.run", identity: identity)
        let piece = try unsafe decoder.decode(stored.span.bytes, at: pointer, expecting: .data)
        #expect(piece.type == .compressedData)
        #expect(piece.body == [UInt8](repeating: 0x61, count: 100))
        // The same bytes elsewhere, or in another file, are damage.
        var moved = pointer
        moved.offset = 8192
        #expect(throws: EngineError.self) {
            try unsafe decoder.decode(stored.span.bytes, at: moved, expecting: .data)
        }
        let other = PieceDecoder(file: "", identity: FileIdentity(first: 1, second: 1))
        #expect(throws: EngineError.self) {
            try unsafe other.decode(stored.span.bytes, at: pointer, expecting: .data)
        }
        #expect(throws: EngineError.self) {
            try unsafe decoder.decode(stored.span.bytes, at: pointer, expecting: .index)
        }
    }

    @Test func `sizes of fixed parts are those of the drawings`() {
        #expect(RunFormat.headerSize == 32)
        #expect(RunFormat.footerSize == 60)
        #expect(PiecePointer.sizeBytes == 16)
        #expect(PieceFormat.trailerSize == 5)
        #expect(SectionDirectoryFormat.fixedSize == 104)
        #expect(IndexPieceFormat.separatorsOffset(count: 10, level: 0) == 8 + 380)
        #expect(IndexPieceFormat.separatorsOffset(count: 10, level: 1) == 8 + 540)
    }
}
