internal import ShaleBytes

/// The first bytes of a blob segment.
struct BlobFileHeader: Hashable, Sendable {
    var identity: FileIdentity

    /// Reads a header; the error's reason says what is wrong with it.
    init(decoding bytes: [UInt8], file: String) throws(EngineError) {
        guard bytes.count >= BlobFormat.headerSize, bytes.starts(with: BlobFormat.headMagic) else {
            throw EngineError(.corrupted, file: file, offset: 0, "not a blob segment: no magic")
        }
        let (identity, isWhole, version) = bytes.withLentBytes { bytes in
            let identity = FileIdentity(in: bytes, at: BlobFormat.headIdentityOffset)
            let computed = Checksum.crc32c(
                bytes[0..<BlobFormat.headChecksumOffset],
                seed: identity.checksumSeed(at: 0)
            )
            return (
                identity,
                computed == bytes.integer(UInt32.self, at: BlobFormat.headChecksumOffset),
                bytes.integer(UInt32.self, at: BlobFormat.headVersionOffset)
            )
        }
        guard isWhole else {
            let reason = "checksum of the header does not match"
            throw EngineError(.corrupted, file: file, offset: 0, reason)
        }
        guard version == BlobFormat.version else {
            throw EngineError(.newerFormat, file: file, "blob format \(version) is not known")
        }
        self.identity = identity
    }
}

/// The last bytes of a blob segment.
struct BlobFileFooter: Hashable, Sendable {
    var directory: PiecePointer
    var identity: FileIdentity
    var blobCount: Int
    var blobBytes: UInt64
    var checksum: UInt32

    /// Reads the footer in `bytes`, which lie at `offset` of the file.
    init(decoding bytes: [UInt8], at offset: Int, file: String) throws(EngineError) {
        func damage(_ reason: String) -> EngineError {
            EngineError(.corrupted, file: file, offset: offset, reason)
        }
        guard bytes.count == BlobFormat.footerSize,
            bytes[BlobFormat.footMagicOffset...].elementsEqual(BlobFormat.tailMagic)
        else { throw damage("no footer: the file is cut off, or it is not a blob segment") }
        let (footer, computed, version) = bytes.withLentBytes { bytes in
            let footer = BlobFileFooter(in: bytes)
            let computed = Checksum.crc32c(
                bytes[0..<BlobFormat.footChecksumOffset],
                seed: footer.identity.checksumSeed(at: offset)
            )
            return (footer, computed, bytes.integer(UInt32.self, at: BlobFormat.footVersionOffset))
        }
        guard footer.checksum == computed else {
            throw damage("checksum of the footer does not match")
        }
        guard version == BlobFormat.version else {
            throw EngineError(.newerFormat, file: file, "blob format \(version) is not known")
        }
        self = footer
    }

    private init(in bytes: LentBytes) {
        directory = PiecePointer(in: bytes, at: 0)
        identity = FileIdentity(in: bytes, at: BlobFormat.footIdentityOffset)
        blobCount = Int(bytes.integer(UInt32.self, at: BlobFormat.footCountOffset))
        blobBytes = bytes.integer(UInt64.self, at: BlobFormat.footBytesOffset)
        checksum = bytes.integer(UInt32.self, at: BlobFormat.footChecksumOffset)
    }
}

/// The stored lengths of all blobs of a segment.
struct BlobDirectory: Hashable, Sendable {
    var lengths: [UInt32]

    /// Reads the body of a directory, or says why it is none.
    init(checking body: LentBytes) throws(MalformedPiece) {
        let size = MemoryLayout<UInt32>.size
        guard body.count >= size, body.count % size == 0,
            Int(body.integer(UInt32.self, at: 0)) == body.count / size - 1
        else {
            throw MalformedPiece("a blob directory of \(body.count) bytes")
        }
        lengths = (1..<(body.count / size)).map { body.integer(UInt32.self, at: $0 * size) }
    }
}

extension FileIdentity {
    /// The identity at `position` of bytes that were checked to hold one there.
    init(in bytes: LentBytes, at position: Int) {
        self.init(
            first: bytes.integer(UInt64.self, at: position),
            second: bytes.integer(UInt64.self, at: position + MemoryLayout<UInt64>.size)
        )
    }
}
