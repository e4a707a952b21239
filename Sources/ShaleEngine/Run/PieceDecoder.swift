internal import ShaleBytes

/// Takes a stored piece apart: checks both copies of its checksum and its type, and undoes the
/// compression.
///
/// Total: any bytes give a body or an `EngineError`.
struct PieceDecoder: Sendable {
    /// The file's name, for errors.
    let file: String
    let identity: FileIdentity

    /// A piece taken apart.
    struct Piece: Sendable {
        var type: PieceType
        var body: [UInt8]
    }

    /// The body of the piece that `pointer` points to, whose stored bytes are `stored`.
    func decode(
        _ stored: RawSpan,
        at pointer: PiecePointer,
        expecting content: PieceContent
    ) throws(EngineError) -> Piece {
        var buffer = ByteBuffer()
        // Safety: the bytes are read during the call only.
        let lent = unsafe stored.withUnsafeBytes { unsafe LentBytes(unsafe: $0) }
        let type = try decode(lent, at: pointer, expecting: content, to: &buffer)
        return Piece(type: type, body: buffer.copied())
    }

    /// As above; the body is written over what is in `buffer`, which keeps its memory.
    /// - Returns: the piece's type as stored.
    @discardableResult
    func decode(
        _ stored: LentBytes,
        at pointer: PiecePointer,
        expecting content: PieceContent,
        to buffer: inout ByteBuffer
    ) throws(EngineError) -> PieceType {
        let type = try check(stored, at: pointer, expecting: content)
        let body = stored[0..<(stored.count - PieceFormat.trailerSize)]
        buffer.removeAll()
        if type == .compressedData {
            try decompress(body, at: Int(truncatingIfNeeded: pointer.offset), to: &buffer)
        } else {
            buffer.append(body)
        }
        return type
    }

    /// Checks length, both copies of the checksum, and the type.
    func check(
        _ stored: LentBytes,
        at pointer: PiecePointer,
        expecting content: PieceContent
    ) throws(EngineError) -> PieceType {
        let offset = Int(truncatingIfNeeded: pointer.offset)
        guard stored.count == Int(pointer.length), stored.count >= PieceFormat.trailerSize else {
            throw damage(offset, "the piece ends early: the file is shorter than it was")
        }
        let typeOffset = stored.count - PieceFormat.trailerSize
        let covered = typeOffset + PieceFormat.typeSize
        let written = stored.integer(UInt32.self, at: covered)
        let computed = Checksum.crc32c(
            stored[0..<covered],
            seed: identity.checksumSeed(at: offset)
        )
        guard computed == written, computed == pointer.checksum else {
            throw damage(
                offset,
                "checksum of a \(content) piece of \(stored.count) bytes does not match: "
                    + "computed \(Hexadecimal.text(computed)), stored behind it "
                    + "\(Hexadecimal.text(written)), stored in its parent "
                    + "\(Hexadecimal.text(pointer.checksum))"
            )
        }
        guard let type = PieceType(rawValue: stored[typeOffset]), type.content == content else {
            throw damage(
                offset,
                "type \(stored[typeOffset]) where a \(content) piece is expected"
            )
        }
        return type
    }

    private func decompress(
        _ body: LentBytes,
        at offset: Int,
        to buffer: inout ByteBuffer
    ) throws(EngineError) {
        let header = PieceFormat.compressedHeaderSize
        guard body.count >= header else {
            throw damage(offset, "a compressed block of \(body.count) bytes is too short")
        }
        let size = Int(body.integer(UInt32.self, at: 0))
        guard size <= PieceFormat.largestBodySize else {
            throw damage(offset, "a compressed block claims \(size) bytes")
        }
        do throws(LZ4.Malformed) {
            try LZ4.decompress(body[header..<body.count], size: size, to: &buffer)
        } catch {
            throw damage(offset, "a compressed block is not LZ4 of \(size) bytes")
        }
    }

    /// An error that names this file.
    func damage(_ offset: Int, _ reason: String) -> EngineError {
        EngineError(.corrupted, file: file, offset: offset, reason)
    }
}
