internal import ShaleBytes
internal import ShalePlatform

/// Writes a blob segment from its beginning to its end, past the system's cache.
///
/// `append` for each value, then `finish`, which syncs once, or `abandon`. The name becomes durable when
/// the caller syncs the directory. After an error only `abandon` may follow.
struct BlobFileWriter: ~Copyable, Sendable {
    private let number: FileNumber
    private let identity: FileIdentity
    private let compression: EngineOptions.Compression
    private let files: any FileSystem
    private let path: String
    private let file: any File
    private var output: PieceOutput
    private var lengths: [UInt32] = []
    private var blobBytes = 0

    /// Creates the file in `directory`; fails if it exists.
    init(
        _ number: FileNumber,
        in directory: String,
        identity: FileIdentity,
        compression: EngineOptions.Compression,
        files: any FileSystem
    ) throws(EngineError) {
        let path = "\(directory)/\(number.fileName(BlobFormat.suffix))"
        let file: any File
        do throws(FileError) {
            file = try files.open(path, .create)
            file.expectOneStream()
        } catch {
            throw EngineError(error)
        }
        var header: [UInt8] = BlobFormat.headMagic
        header.append(integer: BlobFormat.version)
        header.append(integer: identity.first)
        header.append(integer: identity.second)
        header.append(integer: Checksum.crc32c(header, seed: identity.checksumSeed(at: 0)))
        var output = PieceOutput(file: file, identity: identity)
        try output.append(raw: header)
        self.number = number
        self.identity = identity
        self.compression = compression
        self.files = files
        self.path = path
        self.file = file
        self.output = output
    }

    /// Bytes of the file so far.
    var bytesWritten: Int { output.offset }

    /// Adds a value.
    mutating func append(_ value: LentBytes) throws(EngineError) -> BlobReference {
        precondition(value.count <= Limits.valueSizeBytes, "a value is within its limit")
        let piece = try output.append(.data, value, compress: compression == .lz4)
        return add(piece, valueSize: value.count)
    }

    /// Adds a value of another segment as it is stored there; body and type were checked.
    mutating func append(
        storedBodyAndType stored: LentBytes,
        valueSize: Int
    ) throws(EngineError) -> BlobReference {
        add(try output.append(storedBodyAndType: stored), valueSize: valueSize)
    }

    private mutating func add(_ piece: PiecePointer, valueSize: Int) -> BlobReference {
        lengths.append(piece.length)
        blobBytes += Int(piece.length)
        return BlobReference(file: number, piece: piece, valueSize: valueSize)
    }

    /// Writes directory and footer, syncs and closes the file; if that fails, removes it.
    consuming func finish() throws(EngineError) -> BlobFileReference {
        do throws(EngineError) {
            return try complete()
        } catch {
            file.close()
            // What failed first says more; a file that stays is no one's, and goes at the next opening.
            var failure = error
            do throws(FileError) {
                try files.remove(path)
            } catch {
                failure.reason += "; its file stays until the next opening: \(error)"
            }
            throw failure
        }
    }

    private mutating func complete() throws(EngineError) -> BlobFileReference {
        var body = ByteBuffer()
        body.append(integer: UInt32(lengths.count))
        for length in lengths { body.append(integer: length) }
        let directory = try output.append(.directory, body.lent)
        let offset = output.offset
        var footer: [UInt8] = []
        directory.append(to: &footer)
        footer.append(integer: identity.first)
        footer.append(integer: identity.second)
        footer.append(integer: UInt32(lengths.count))
        footer.append(integer: UInt64(blobBytes))
        footer.append(integer: BlobFormat.version)
        let checksum = Checksum.crc32c(footer, seed: identity.checksumSeed(at: offset))
        footer.append(integer: checksum)
        footer += BlobFormat.tailMagic
        try output.append(raw: footer)
        try output.drain()
        do throws(FileError) {
            try file.sync()
        } catch {
            throw EngineError(error)
        }
        file.close()
        return BlobFileReference(
            number: number,
            identity: identity,
            sizeBytes: output.offset,
            footerChecksum: checksum,
            blobCount: lengths.count,
            blobBytes: blobBytes
        )
    }

    /// Closes and removes the unfinished file.
    consuming func abandon() throws(EngineError) {
        file.close()
        do throws(FileError) {
            try files.remove(path)
        } catch {
            throw EngineError(error)
        }
    }
}
