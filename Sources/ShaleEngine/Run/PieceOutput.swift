internal import ShaleBytes
internal import ShalePlatform

/// Appends pieces to a new file in large writes, and says where each one lies.
///
/// Every write but the last is whole pages at a page's boundary, in the file and in memory, so that it can
/// go around the system's cache.
struct PieceOutput: ~Copyable, Sendable {
    /// One write to the file: large enough that the device streams, small beside the memory budget.
    private static let chunkSizeBytes = 512 * 1024
    private static let pageSizeBytes = 4096

    private let file: any File
    private let identity: FileIdentity
    private let warming: BlockWarming?
    private var pending: ByteBuffer
    /// Where in the file the first pending byte belongs.
    private var pendingOffset = 0

    init(file: any File, identity: FileIdentity, warming: BlockWarming? = nil) {
        self.file = file
        self.warming = warming
        self.identity = identity
        pending = ByteBuffer(capacity: Self.chunkSizeBytes + 2 * RunFormat.pieceSizeBytes)
    }

    /// Bytes of the file so far, those that still wait in memory included.
    var offset: Int { pendingOffset + pending.count }

    /// Appends bytes that are not a piece: header and footer.
    mutating func append(raw bytes: [UInt8]) throws(EngineError) {
        pending.append(bytes)
        try drainFullChunks()
    }

    /// Appends a piece.
    ///
    /// A data block is compressed if `compress` and that saves at least one eighth. One with a `warmth` stays
    /// in memory, where there is a cache for it.
    mutating func append(
        _ type: PieceType,
        _ body: LentBytes,
        compress: Bool = false,
        warmth: Int? = nil
    ) throws(EngineError) -> PiecePointer {
        if let warmth { try warming?.keep(body, as: type.content, at: offset, warmth: warmth) }
        let first = pending.count
        if compress, type == .data, appendCompressed(body) {
            pending.append(PieceType.compressedData.rawValue)
        } else {
            pending.append(body)
            pending.append(type.rawValue)
        }
        return try finishPiece(from: first)
    }

    /// Appends a data block whose stored body and type are known from another file.
    mutating func append(storedBodyAndType stored: LentBytes) throws(EngineError) -> PiecePointer {
        let first = pending.count
        pending.append(stored)
        return try finishPiece(from: first)
    }

    /// Appends the checksum of what is pending from `first` on, and drains what is full.
    private mutating func finishPiece(from first: Int) throws(EngineError) -> PiecePointer {
        let start = pendingOffset + first
        let checksum = Checksum.crc32c(
            pending.lent(first..<pending.count),
            seed: identity.checksumSeed(at: start)
        )
        pending.append(integer: checksum)
        let length = UInt32(offset - start)
        try drainFullChunks()
        return PiecePointer(offset: UInt64(start), length: length, checksum: checksum)
    }

    private mutating func appendCompressed(_ body: LentBytes) -> Bool {
        let first = pending.count
        pending.append(integer: UInt32(body.count))
        let limit = body.count - body.count / 8 - PieceFormat.compressedHeaderSize
        guard LZ4.compress(body, limit: limit, to: &pending) else {
            pending.truncate(to: first)
            return false
        }
        return true
    }

    private mutating func drainFullChunks() throws(EngineError) {
        guard pending.count >= Self.chunkSizeBytes else { return }
        try write(pending.count - pending.count % Self.pageSizeBytes)
    }

    /// Writes what is pending.
    mutating func drain() throws(EngineError) { try write(pending.count) }

    private mutating func write(_ count: Int) throws(EngineError) {
        do throws(FileError) {
            let bytes = pending.lent(0..<count)
            try file.write(bytes.span, at: pendingOffset)
        } catch {
            throw EngineError(error)
        }
        pendingOffset += count
        pending.removeFirst(count)
    }
}
