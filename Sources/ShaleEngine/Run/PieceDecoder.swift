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
        let type = try check(stored, at: pointer, expecting: content)
        let offset = Int(truncatingIfNeeded: pointer.offset)
        let body = stored.extracting(first: stored.byteCount - PieceFormat.trailerSize)
        guard type == .compressedData else { return Piece(type: type, body: body.copied()) }
        let size = try sizeBeforeCompression(body, at: offset)
        do throws(LZ4.Malformed) {
            let packed = body.extracting(droppingFirst: PieceFormat.compressedHeaderSize)
            return Piece(type: type, body: try LZ4.decompress(packed, size: size))
        } catch {
            throw notLZ4(size, at: offset)
        }
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
        let type = try check(stored.span, at: pointer, expecting: content)
        let body = stored[0..<(stored.count - PieceFormat.trailerSize)]
        buffer.removeAll()
        guard type == .compressedData else {
            buffer.append(body)
            return type
        }
        let offset = Int(truncatingIfNeeded: pointer.offset)
        let size = try sizeBeforeCompression(body.span, at: offset)
        do throws(LZ4.Malformed) {
            let packed = body[PieceFormat.compressedHeaderSize..<body.count]
            try LZ4.decompress(packed, size: size, to: &buffer)
        } catch {
            throw notLZ4(size, at: offset)
        }
        return type
    }

    /// The body of a piece in a frame, with its structure checked.
    func frame(
        _ stored: RawSpan,
        at pointer: PiecePointer,
        expecting content: PieceContent,
        key: UInt64
    ) throws(EngineError) -> Frame {
        let type = try check(stored, at: pointer, expecting: content)
        let offset = Int(truncatingIfNeeded: pointer.offset)
        let body = stored.extracting(first: stored.byteCount - PieceFormat.trailerSize)
        let frame: Frame
        if type == .compressedData {
            let size = try sizeBeforeCompression(body, at: offset)
            do throws(LZ4.Malformed) {
                let packed = body.extracting(droppingFirst: PieceFormat.compressedHeaderSize)
                frame = try Frame(key: key, decompressing: packed, count: size)
            } catch {
                throw notLZ4(size, at: offset)
            }
        } else {
            frame = Frame(key: key, copying: body)
        }
        do throws(MalformedPiece) {
            try frame.check(as: content)
        } catch {
            frame.free()
            throw damage(offset, error.reason)
        }
        return frame
    }

    /// Compares both copies of the checksum with the bytes, and the type with what is expected.
    func check(
        _ stored: RawSpan,
        at pointer: PiecePointer,
        expecting content: PieceContent
    ) throws(EngineError) -> PieceType {
        let offset = Int(truncatingIfNeeded: pointer.offset)
        guard stored.byteCount == Int(pointer.length),
            stored.byteCount >= PieceFormat.trailerSize
        else {
            throw damage(offset, "the piece ends early: the file is shorter than it was")
        }
        let typeOffset = stored.byteCount - PieceFormat.trailerSize
        let covered = typeOffset + PieceFormat.typeSize
        let written = stored.integer(UInt32.self, at: covered)
        let computed = PieceFormat.checksum(
            bodyAndType: stored.extracting(first: covered),
            identity: identity,
            offset: offset
        )
        guard computed == written, computed == pointer.checksum else {
            throw damage(
                offset,
                "checksum of a \(content) piece of \(stored.byteCount) bytes does not match: "
                    + "computed \(Hexadecimal.text(computed)), stored behind it "
                    + "\(Hexadecimal.text(written)), stored in its parent "
                    + "\(Hexadecimal.text(pointer.checksum))"
            )
        }
        guard let type = PieceType(rawValue: stored.byte(at: typeOffset)),
            type.content == content.asStored
        else {
            throw damage(
                offset,
                "type \(stored.byte(at: typeOffset)) where a \(content) piece is expected"
            )
        }
        return type
    }

    func sizeBeforeCompression(
        _ body: RawSpan,
        at offset: Int
    ) throws(EngineError) -> Int {
        guard body.byteCount >= PieceFormat.compressedHeaderSize else {
            throw damage(offset, "a compressed block of \(body.byteCount) bytes is too short")
        }
        let size = Int(body.integer(UInt32.self, at: 0))
        guard size <= PieceFormat.largestBodySize else {
            throw damage(offset, "a compressed block claims \(size) bytes")
        }
        return size
    }

    func notLZ4(_ size: Int, at offset: Int) -> EngineError {
        damage(offset, "a compressed block is not LZ4 of \(size) bytes")
    }

    /// An error that names this file.
    func damage(_ offset: Int, _ reason: String) -> EngineError {
        EngineError(.corrupted, file: file, offset: offset, reason)
    }
}
