import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// A blob segment, byte by byte and read back.
struct BlobFileTests {
    private static let directory = "db"
    private static let identity = RunFixture.identity

    private func write(
        _ values: [[UInt8]],
        to files: any FileSystem,
        compression: EngineOptions.Compression = .lz4
    ) throws -> (file: BlobFileReference, blobs: [BlobReference]) {
        try files.createDirectory(Self.directory)
        var writer = try BlobFileWriter(
            FileNumber(7),
            in: Self.directory,
            identity: Self.identity,
            compression: compression,
            files: files
        )
        var blobs: [BlobReference] = []
        for value in values {
            blobs.append(try value.withLentBytes { try writer.append($0) })
        }
        return (try writer.finish(), blobs)
    }

    private func read(
        _ blob: BlobReference,
        _ file: BlobFileReference,
        _ files: any FileSystem
    ) throws -> [UInt8] {
        let cache = BlockCache(capacityBytes: 0)
        let reader = BlobReader(file, in: Self.directory, files: files, cache: cache)
        return try reader.value(blob, .sequential).bytes
    }

    private func bytes(_ files: any FileSystem) throws -> [UInt8] {
        let file = try files.open("\(Self.directory)/000007.blob", .read)
        return try file.read(at: 0, count: try file.sizeBytes())
    }

    @Test func `the writer writes what is drawn`() throws {
        let files = MemoryFileSystem()
        let (file, blobs) = try write([[1, 2, 3], [9]], to: files, compression: .none)
        let bytes = try bytes(files)
        let seed = { Self.identity.checksumSeed(at: $0) }
        let first: [UInt8] = [1, 2, 3, 1]
        let second: [UInt8] = [9, 1]
        let directory: [UInt8] = [2, 0, 0, 0, 8, 0, 0, 0, 6, 0, 0, 0, 5]
        var expected: [UInt8] = Array("SHALEBLB".utf8) + [1, 0, 0, 0]
        expected.append(integer: Self.identity.first)
        expected.append(integer: Self.identity.second)
        expected.append(integer: Checksum.crc32c(expected, seed: seed(0)))
        for piece in [first, second, directory] {
            let start = expected.count
            expected += piece
            expected.append(integer: Checksum.crc32c(piece, seed: seed(start)))
        }
        var footer: [UInt8] = []
        footer.append(integer: UInt64(46))
        footer.append(integer: UInt32(17))
        footer.append(integer: Checksum.crc32c(directory, seed: seed(46)))
        footer.append(integer: Self.identity.first)
        footer.append(integer: Self.identity.second)
        footer += [2, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        footer.append(integer: Checksum.crc32c(footer, seed: seed(63)))
        footer += Array("SHALEBND".utf8)
        #expect(bytes == expected + footer)
        #expect(footer.count == BlobFormat.footerSize)
        #expect(file.sizeBytes == bytes.count)
        #expect(file.blobCount == 2 && file.blobBytes == 14)
        #expect(blobs.map(\.piece.offset) == [32, 40])
    }

    @Test(arguments: [EngineOptions.Compression.none, .lz4])
    func `values come back, large and small`(compression: EngineOptions.Compression) throws {
        let files = MemoryFileSystem()
        var generator = SeededGenerator(seed: 3)
        var values = [0, 1, 4_096, 400_000].map { generator.bytes($0) }
        values.append([UInt8](repeating: 5, count: Limits.valueSizeBytes))
        let (file, blobs) = try write(values, to: files, compression: compression)
        for (blob, value) in zip(blobs, values) {
            #expect(try read(blob, file, files) == value)
        }
        if compression == .lz4 { #expect(file.sizeBytes < 420_000) }
    }

    @Test(arguments: [EngineOptions.Compression.none, .lz4])
    func `a value of medium size is kept in memory, a large one is read again`(
        compression: EngineOptions.Compression
    ) throws {
        let files = MemoryFileSystem()
        let values = [4_096, 400_000].map { [UInt8](repeating: 7, count: $0) }
        let (file, blobs) = try write(values, to: files, compression: compression)
        let cache = BlockCache(capacityBytes: 16 * 32 * 8_192)
        let reader = BlobReader(file, in: Self.directory, files: files, cache: cache)
        let slot = cache.slots.enter()
        defer { cache.slots.leave(slot) }
        for blob in blobs {
            #expect(throws: EngineError.needsDisk) { try reader.value(blob, .memoryOnly) }
        }
        for (blob, value) in zip(blobs, values) {
            #expect(try reader.value(blob, .blocking).bytes == value)
        }
        #expect(try reader.value(blobs[0], .memoryOnly).bytes == values[0])
        #expect(throws: EngineError.needsDisk) { try reader.value(blobs[1], .memoryOnly) }
        var lie = blobs[0]
        lie.valueSize -= 1
        let error = #expect(throws: EngineError.self) { try reader.value(lie, .memoryOnly) }
        #expect(error?.code == .corrupted)
    }

    @Test func `every flipped bit of a blob is an error`() throws {
        let whole = MemoryFileSystem()
        let (file, blobs) = try write([[UInt8](repeating: 1, count: 40)], to: whole)
        let bytes = try bytes(whole)
        let start = Int(blobs[0].piece.offset)
        for index in start..<(start + blobs[0].storedBytes) {
            let files = MemoryFileSystem()
            try files.createDirectory(Self.directory)
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            try files.open("\(Self.directory)/000007.blob", .create).write(damaged, at: 0)
            let error = #expect(throws: EngineError.self) { try read(blobs[0], file, files) }
            #expect(error?.code == .corrupted)
            #expect(error?.offset == start)
        }
    }

    @Test func `a reference is what the drawing says, and nothing else is one`() throws {
        let piece = PiecePointer(offset: 0x0102, length: 9, checksum: 0x0A0B_0C0D)
        let reference = BlobReference(file: FileNumber(7), piece: piece, valueSize: 300)
        var buffer = ByteBuffer()
        reference.append(to: &buffer)
        let expected: [UInt8] = [
            7, 0, 0, 0, 0, 0, 0, 0,
            2, 1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0x0D, 0x0C, 0x0B, 0x0A,
            0x2C, 1, 0, 0,
        ]
        #expect(buffer.copied() == expected)
        #expect(try BlobReference(buffer.lent) == reference)
        for length in 0..<expected.count {
            #expect(throws: MalformedPiece.self) { try BlobReference(buffer.lent(0..<length)) }
        }
        let tooLarge = expected.dropLast(4) + [0, 0, 0, 0x7F]
        #expect(throws: MalformedPiece.self) {
            try Array(tooLarge).withLentBytes { try BlobReference($0) }
        }
    }

    @Test func `a reference to a place outside of the segment is damage`() throws {
        let files = MemoryFileSystem()
        let (file, blobs) = try write([[1, 2, 3]], to: files)
        for offset in [UInt64(file.sizeBytes) - 5, .max, 1 << 63] {
            var blob = blobs[0]
            blob.piece.offset = offset
            let error = #expect(throws: EngineError.self) { try read(blob, file, files) }
            #expect(error?.code == .corrupted)
        }
    }

    @Test func `an abandoned segment is gone`() throws {
        let files = MemoryFileSystem()
        try files.createDirectory(Self.directory)
        let writer = try BlobFileWriter(
            FileNumber(7),
            in: Self.directory,
            identity: Self.identity,
            compression: .none,
            files: files
        )
        try writer.abandon()
        #expect(try files.list(Self.directory) == [])
    }
}
