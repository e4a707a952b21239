internal import ShaleBytes
internal import ShalePlatform

/// Appends pieces to a new file in large writes, and says where each one lies.
struct PieceOutput: Sendable {
    /// One write to the file: large enough that the device streams, small beside the memory budget.
    private static let chunkSizeBytes = 512 * 1024

    private let file: any File
    private let identity: FileIdentity
    private var pending: [UInt8] = []
    /// Where in the file the first pending byte belongs.
    private var pendingOffset = 0

    init(file: any File, identity: FileIdentity) {
        self.file = file
        self.identity = identity
        pending.reserveCapacity(Self.chunkSizeBytes + RunFormat.pieceSizeBytes)
    }

    /// Bytes of the file so far, those that still wait in memory included.
    var offset: Int { pendingOffset + pending.count }

    /// Appends bytes that are not a piece: header and footer.
    mutating func append(raw bytes: [UInt8]) throws(EngineError) {
        pending.append(contentsOf: bytes)
        if pending.count >= Self.chunkSizeBytes { try drain() }
    }

    /// Appends a piece.
    ///
    /// A data block is compressed if `compress` and that saves at least one eighth.
    mutating func append(
        _ type: PieceType,
        _ body: [UInt8],
        compress: Bool = false
    ) throws(EngineError) -> PiecePointer {
        let start = offset
        let first = pending.count
        if compress, type == .data, let packed = Self.compressed(body) {
            pending.append(integer: UInt32(body.count))
            pending.append(contentsOf: packed)
            pending.append(PieceType.compressedData.rawValue)
        } else {
            pending.append(contentsOf: body)
            pending.append(type.rawValue)
        }
        // Safety: every bit pattern of a byte is a byte.
        let checksum = unsafe PieceFormat.checksum(
            bodyAndType: pending.span.bytes.extracting(first..<pending.count),
            identity: identity,
            offset: start
        )
        pending.append(integer: checksum)
        let length = UInt32(offset - start)
        if pending.count >= Self.chunkSizeBytes { try drain() }
        return PiecePointer(offset: UInt64(start), length: length, checksum: checksum)
    }

    private static func compressed(_ body: [UInt8]) -> [UInt8]? {
        // Safety: every bit pattern of a byte is a byte.
        unsafe LZ4.compress(
            body.span.bytes,
            limit: body.count - body.count / 8 - PieceFormat.compressedHeaderSize
        )
    }

    /// Writes what is pending.
    mutating func drain() throws(EngineError) {
        do throws(FileError) {
            try file.write(pending, at: pendingOffset)
        } catch {
            throw EngineError(error)
        }
        pendingOffset += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
